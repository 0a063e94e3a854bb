import { NEVER, type RequestTable } from '../workload/request-table.ts';
import { isCompleted } from './latency.ts';
import { poolViews } from './pool-views.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';

/** One target of the router: a worker, or one rank of a worker with data-parallel attention. */
export interface WorkerRow {
  /** The pool that it belongs to; absent where there is only one. */
  readonly pool?: string;
  /** The number that `requests.jsonl` calls `worker`; in its pool, where there are several. */
  readonly worker: number;
  /** Requests that were routed to it, and those of them that it completed. */
  readonly requests: number;
  readonly completed: number;
  /** Tokens that it computed, those computed again after a preemption included. */
  readonly prefill_tokens: number;
  readonly output_tokens: number;
  /** Its part of all computed tokens; absent when nothing was computed. */
  readonly load_share?: number;
  /** Its load over the mean of all workers; absent when nothing was computed. */
  readonly load_to_mean?: number;
  /** Part of the simulated time in which a forward pass was under way; absent when none passed. */
  readonly busy_ratio?: number;
  readonly peak_kv_blocks: number;
  /** Mean over the simulated time; absent when none passed. */
  readonly mean_kv_blocks?: number;
  readonly preemptions: number;
  /** Prompt tokens found in its cache at first admissions ÷ prompt tokens of those requests. */
  readonly first_admission_prefix_cache_reused_ratio?: number;
}

/** Sums over the requests of each target. */
interface TargetSums {
  readonly requests: Float64Array;
  readonly completed: Float64Array;
  readonly admittedTokens: Float64Array;
  readonly hitTokens: Float64Array;
}

/** What each worker did, in the order of their numbers; pool by pool where there are several. */
export function workerRows(result: RunResult): readonly WorkerRow[] {
  const views = poolViews(result);
  if (views.length === 1) return rowsOfPool(result);
  return views.flatMap((view) => {
    const [{ name: pool, role }] = view.pools as [PoolOutcome];
    return rowsOfPool(view).map(({ first_admission_prefix_cache_reused_ratio: hits, ...row }) => ({
      pool,
      ...row,
      // A decode worker gets its prompts from elsewhere, whatever it has cached.
      ...(hits !== undefined &&
        role !== 'decode' && { first_admission_prefix_cache_reused_ratio: hits }),
    }));
  });
}

/** The workers of one pool, whose load is held against each other's. */
function rowsOfPool(result: RunResult): readonly WorkerRow[] {
  const { tallies, simulatedNs } = result;
  const sums = addUpTargets(result.requests, tallies.length);
  let load = 0;
  for (const { prefillTokens, outputTokens } of tallies) load += prefillTokens + outputTokens;
  return tallies.map((tally, worker) => {
    const own = tally.prefillTokens + tally.outputTokens;
    const admitted = sums.admittedTokens[worker]!;
    return {
      worker,
      requests: sums.requests[worker]!,
      completed: sums.completed[worker]!,
      prefill_tokens: tally.prefillTokens,
      output_tokens: tally.outputTokens,
      ...(load > 0 && { load_share: own / load, load_to_mean: (own / load) * tallies.length }),
      ...(simulatedNs > 0 && {
        busy_ratio: tally.busyNs / simulatedNs,
        mean_kv_blocks: tally.kvBlockNs / simulatedNs,
      }),
      peak_kv_blocks: tally.kvPeakBlocks,
      preemptions: tally.preemptions,
      ...(admitted > 0 && {
        first_admission_prefix_cache_reused_ratio: sums.hitTokens[worker]! / admitted,
      }),
    };
  });
}

function addUpTargets(table: RequestTable, targets: number): TargetSums {
  const sums = {
    requests: new Float64Array(targets),
    completed: new Float64Array(targets),
    admittedTokens: new Float64Array(targets),
    hitTokens: new Float64Array(targets),
  };
  for (let row = 0; row < table.count; row++) {
    const target = table.worker[row]!;
    if (target < 0) continue;
    sums.requests[target]!++;
    if (isCompleted(table, row)) sums.completed[target]!++;
    if (table.firstAdmitNs[row] === NEVER) continue;
    sums.admittedTokens[target]! += table.inputTokens[row]!;
    sums.hitTokens[target]! += table.firstReusedTokens[row]!;
  }
  return sums;
}
