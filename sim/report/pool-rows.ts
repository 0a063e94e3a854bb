import { NS_PER_HOUR } from '#core/base/time.ts';
import type { PoolRole } from '#core/config/pools.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';

/** What the workers of one pool did together. */
export interface PoolRow {
  readonly pool: string;
  readonly role: PoolRole;
  readonly workers: number;
  readonly gpus: number;
  readonly gpu_hours: number;
  /** Part of the simulated time in which a forward pass was under way, the mean over its workers. */
  readonly busy_ratio?: number;
  readonly prefill_tokens: number;
  readonly output_tokens: number;
  readonly forward_passes: number;
  /** On one worker, and all that one has. */
  readonly peak_kv_blocks: number;
  readonly total_kv_blocks: number;
  readonly preemptions: number;
}

/** A row a pool, prefill before decode; undefined where there is only one. */
export function poolRows(result: RunResult): readonly PoolRow[] | undefined {
  if (result.pools.length < 2) return undefined;
  return result.pools.map((pool) => poolRow(result, pool));
}

function poolRow({ tallies, simulatedNs }: RunResult, pool: PoolOutcome): PoolRow {
  const { firstTarget, targets, workers, gpusPerWorker, ranks } = pool;
  const workerNs = pool.workerNs ?? workers * simulatedNs;
  const own = tallies.slice(firstTarget, firstTarget + targets);
  const sum = (key: 'prefillTokens' | 'outputTokens' | 'preemptions' | 'busyNs'): number =>
    own.reduce((total, tally) => total + tally[key], 0);
  return {
    pool: pool.name,
    role: pool.role,
    workers,
    gpus: workers * gpusPerWorker,
    gpu_hours: (gpusPerWorker * workerNs) / NS_PER_HOUR,
    ...(workerNs > 0 && { busy_ratio: sum('busyNs') / (workerNs / workers) / (workers * ranks) }),
    prefill_tokens: sum('prefillTokens'),
    // The token that ends a prefill on a prefill worker is nobody's.
    output_tokens: pool.role === 'prefill' ? 0 : sum('outputTokens'),
    forward_passes: pool.passes,
    peak_kv_blocks: pool.peakKvBlocks,
    total_kv_blocks: pool.totalKvBlocks,
    preemptions: sum('preemptions'),
  };
}
