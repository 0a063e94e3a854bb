import { firstAttemptOf } from '../workload/attempts.ts';
import { NEVER, type RequestTable } from '../workload/request-table.ts';
import { selectRows } from '../workload/select-rows.ts';

/**
 * A table with one row for each request that somebody asked for, in the order of the trace, however
 * often it was tried: its last attempt that arrived, which counts from the arrival of the first, since
 * that is how long its client has waited. Without retries it is the table itself.
 */
export function askedRequests(table: RequestTable): RequestTable {
  const last = lastAttempts(table);
  if (last === undefined) return table;
  const asked = selectRows(table, last);
  for (let row = 0; row < asked.count; row++) {
    const first = firstAttemptOf(table, last[row]!);
    asked.arrivalNs[row] = table.arrivalNs[first]!;
    if (row < asked.dueNs.length) asked.dueNs[row] = table.dueNs[first]!;
  }
  return asked;
}

/** The last attempt of each request, in the order of the first ones; undefined where nobody retried. */
function lastAttempts(table: RequestTable): Int32Array | undefined {
  if (table.firstAttempt.length === 0) return undefined;
  const lastOf = new Int32Array(table.count).fill(-1);
  let requests = 0;
  for (let row = 0; row < table.count; row++) {
    const first = firstAttemptOf(table, row);
    if (first === row) requests++;
    if (first === row || table.arrivalNs[row] !== NEVER) lastOf[first] = row;
  }
  const rows = new Int32Array(requests);
  let count = 0;
  for (let row = 0; row < table.count; row++) if (lastOf[row]! >= 0) rows[count++] = lastOf[row]!;
  return rows;
}
