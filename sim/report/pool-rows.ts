import { NS_PER_HOUR, type Ns } from '#core/base/time.ts';
import type { PoolEntry } from '#core/config/pools.ts';
import type { EncodeOutcome } from '../cluster/encode/encode-outcome.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';

/** What the workers of one pool did together. */
export interface PoolRow {
  readonly pool: string;
  readonly role: PoolEntry['role'];
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
  /** Images and the like that its workers have encoded; absent where they do not. */
  readonly encoded_items?: number;
}

/** A row a pool, encode before prefill before decode; undefined where there is only one. */
export function poolRows(result: RunResult): readonly PoolRow[] | undefined {
  const { encode, pools, simulatedNs } = result;
  const rows = pools.map((pool) => poolRow(result, pool));
  if (encode !== undefined) rows.unshift(encodeRow(encode, simulatedNs));
  return rows.length < 2 ? undefined : rows;
}

/** Part of the time in which a pass was under way on the workers that encode, their mean. */
export function encoderBusyRatio({ encoders, workers }: EncodeOutcome, simulatedNs: Ns): number {
  return encoders.reduce((sum, { busyNs }) => sum + busyNs, 0) / simulatedNs / workers;
}

/** Workers that encode have no KV blocks and see no tokens. */
function encodeRow(encode: EncodeOutcome, simulatedNs: Ns): PoolRow {
  const { name, workers, gpusPerWorker, encoders } = encode;
  const sum = (key: 'passes' | 'encodedItems'): number =>
    encoders.reduce((total, encoder) => total + encoder[key], 0);
  return {
    pool: name,
    role: 'encode',
    workers,
    gpus: workers * gpusPerWorker,
    gpu_hours: (workers * gpusPerWorker * simulatedNs) / NS_PER_HOUR,
    ...(simulatedNs > 0 && { busy_ratio: encoderBusyRatio(encode, simulatedNs) }),
    prefill_tokens: 0,
    output_tokens: 0,
    forward_passes: sum('passes'),
    peak_kv_blocks: 0,
    total_kv_blocks: 0,
    preemptions: 0,
    encoded_items: sum('encodedItems'),
  };
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
