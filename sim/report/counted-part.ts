import { firstAttemptOf } from '../workload/attempts.ts';
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
  const placeOf = new Int32Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.warmup[row] === 1) continue;
    placeOf[row] = count;
    rows[count++] = row;
  }
  const counted = selectRows(table, rows.subarray(0, count));
  // Attempts are known by the row of the first, which counts where one of them does.
  for (let place = 0; place < Math.min(count, counted.firstAttempt.length); place++) {
    if (counted.firstAttempt[place] === 0) continue;
    counted.firstAttempt[place] = placeOf[firstAttemptOf(table, rows[place]!)]! + 1;
  }
  return counted;
}
