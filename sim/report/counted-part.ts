import type { RequestTable } from '../workload/request-table.ts';
import { selectRows } from '../workload/select-rows.ts';
import type { RunResult } from './run-result.ts';

/**
 * A run without the requests that warmed the cluster up: what its statistics are about. Counters of
 * the engines (passes, preemptions, blocks) are those of the whole run.
 */
export function countedPart(result: RunResult): RunResult {
  if (result.warmUp === undefined) return result;
  return { ...result, requests: withoutWarmUp(result.requests) };
}

function withoutWarmUp(table: RequestTable): RequestTable {
  const rows = new Int32Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.warmup[row] === 0) rows[count++] = row;
  }
  return selectRows(table, rows.subarray(0, count));
}
