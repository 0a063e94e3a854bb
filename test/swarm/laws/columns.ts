import { RequestStatus, type RequestTable } from '#sim/workload/request-table.ts';

/** Rows of the requests with a status, in the order of the trace. */
export function rowsWith(table: RequestTable, status: number): number[] {
  return allRows(table).filter((row) => table.status[row] === status);
}

export function allRows({ count }: RequestTable): number[] {
  return Array.from({ length: count }, (_, row) => row);
}

/** Whether a request is over. */
export function hasEnded(table: RequestTable, row: number): boolean {
  const status = table.status[row];
  return status === RequestStatus.completed || status === RequestStatus.rejected;
}

export const total = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0);
