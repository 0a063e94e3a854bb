import { RequestStatus, type RequestTable } from '#sim/workload/request-table.ts';

/** Requests that were served to the end: a fast flight that dropped some would be no figure. */
export function countCompleted({ count, status }: RequestTable): number {
  let completed = 0;
  for (let row = 0; row < count; row++) {
    if (status[row] === RequestStatus.completed) completed++;
  }
  return completed;
}
