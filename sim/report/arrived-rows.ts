import { NEVER, type RequestTable } from '../workload/request-table.ts';

/** Requests that arrived, in the order of the table; those that the end came before are no part of a run. */
export function arrivedRows(table: RequestTable): Int32Array {
  const rows = new Int32Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.arrivalNs[row] !== NEVER) rows[count++] = row;
  }
  return rows.subarray(0, count);
}
