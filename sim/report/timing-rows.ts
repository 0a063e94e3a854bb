import { passPartsOf } from '#core/config/pass-parts.ts';
import { type PoolConfig, poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { type Confidence, confidenceOf } from '#core/perf/pass/confidence.ts';
import type { RunResult } from './run-result.ts';

/** How far the pass times of a pool can be believed. */
export interface TimingRow extends Confidence {
  /** Absent where all workers are one pool. */
  readonly pool?: string;
  readonly model: string;
  readonly gpu: string;
}

/** A row for each pool whose passes a model on a GPU times; undefined where none is. */
export function timingRows(
  config: ResolvedConfig,
  result: RunResult,
): readonly TimingRow[] | undefined {
  const pools = poolsOf(config);
  const modelled = pools.filter(({ config: { engine } }) => engine.timing.type === 'model');
  if (modelled.length === 0) return undefined;
  const requestTokens = longestRequest(result);
  return modelled.map((pool) => ({
    ...(pools.length > 1 && { pool: pool.name }),
    ...timingRow(pool, result, requestTokens),
  }));
}

function timingRow(
  { name, config }: PoolConfig,
  { pools, blockSize }: RunResult,
  requestTokens: number,
): TimingRow {
  const { deployment, calibration } = passPartsOf(config);
  const { largestPass, peakKvBlocks } = pools.find((pool) => pool.name === name)!;
  const confidence = confidenceOf(deployment, calibration, {
    prefill_tokens: largestPass.prefillTokens,
    decode_requests: largestPass.decodeRequests,
    context_tokens: peakKvBlocks * blockSize,
    request_tokens: requestTokens,
  });
  return { model: deployment.model.name, gpu: deployment.gpu.name, ...confidence };
}

function longestRequest({ requests: { count, inputTokens, outputTokens } }: RunResult): number {
  let longest = 0;
  for (let row = 0; row < count; row++) {
    longest = Math.max(longest, inputTokens[row]! + outputTokens[row]!);
  }
  return longest;
}
