import { RequestStatus, type RequestTable } from '#sim/workload/request-table.ts';

/** Rows of the requests with a status, in the order of the trace. */
export function rowsWith(table: RequestTable, status: number): number[] {
  return allRows(table).filter((row) => table.status[row] === status);
}

export function allRows({ count }: RequestTable): number[] {
  return Array.from({ length: count }, (_, row) => row);
}

/** Whether a request is over: completed, turned away, or left alone by its client. */
export function hasEnded(table: RequestTable, row: number): boolean {
  return table.status[row]! >= RequestStatus.completed;
}

/** Whether the client of a request left before it was whole. */
export function isLeft(table: RequestTable, row: number): boolean {
  return table.status[row]! >= RequestStatus.cancelled;
}

/** Attempts of the same request before this one. */
export function attemptOf({ attempt }: RequestTable, row: number): number {
  return attempt[row] ?? 0;
}

export const total = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0);
