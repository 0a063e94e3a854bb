import assert from 'node:assert/strict';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { Report } from '#sim/report/report.ts';
import type { Law } from './law.ts';

/** A bucket of the sketch that holds gaps, relative to what is in it. */
const BUCKET = 0.002;

/** Sums of doubles in another order. */
const ROUNDING = 1e-9;

/** What is told of gaps by a sketch, which takes those of a leap as a range. */
const SKETCHED = ['min', 'max', 'p50', 'p75', 'p90', 'p95', 'p99'] as const;

/** Part of its most blocks by which the mean of a worker may be off, beside half a block a request. */
const UNEVEN = 0.25;

/**
 * The report without what a leap may tell otherwise than its passes:
 *
 *     config, config_sha256        say which of the two it was
 *     itl_ms                       percentiles and extremes, by the width of a bucket; and spread;
 *                                  all of it where a warm-up ends in the middle of a leap
 *     workers[].mean_kv_blocks     blocks of a leap are taken to grow evenly over its time
 *     anomalies.kv_thrash          what a request that joins in the middle of a leap is seen to hold
 *                                  may be evicted by passes of the leap that have begun already
 */
function told({ config: _, config_sha256: __, workers = [], summary, ...report }: Report): unknown {
  const { itl_ms: itl, anomalies, anomaly_evidence, ...rest } = summary;
  return {
    ...report,
    summary: { ...rest, gaps: itl.n },
    anomalies: { ...anomalies, kv_thrash: undefined },
    evidence: { ...anomaly_evidence, kv_thrash: undefined },
    workers: workers.map(({ mean_kv_blocks: _mean, ...worker }) => worker),
  };
}

function holdGaps(leap: Report, exact: Report): void {
  const [a, b] = [leap.summary.itl_ms, exact.summary.itl_ms];
  assertNear(a.mean, b.mean, ROUNDING, 'mean gap');
  // A bucket may hide as much of the spread as it is wide.
  const hidden = BUCKET * (b.max ?? 0);
  assert(Math.abs((a.std ?? 0) - (b.std ?? 0)) <= hidden, 'spread of the gaps');
  for (const key of SKETCHED) assertNear(a[key], b[key], BUCKET, `${key} of the gaps`);
}

function assertNear(
  actual: number | undefined,
  expected: number | undefined,
  share: number,
  what: string,
): void {
  if (actual === undefined || expected === undefined) assert.equal(actual, expected, what);
  else
    assert(
      Math.abs(actual - expected) <= share * expected + ROUNDING,
      `${what}: ${actual}, not ${expected}`,
    );
}

/** Within half a block for each request that decodes, and more where passes take longer and longer. */
function holdMeanBlocks(leap: Report, exact: Report, { engine }: ResolvedConfig): void {
  const { workers = [] } = exact;
  for (const [at, worker] of (leap.workers ?? []).entries()) {
    const most =
      Math.min(engine.max_num_seqs, worker.requests) / 2 + worker.peak_kv_blocks * UNEVEN;
    const apart = Math.abs((worker.mean_kv_blocks ?? 0) - (workers[at]?.mean_kv_blocks ?? 0));
    assert(apart <= most + ROUNDING, `mean blocks of worker ${at}: ${apart} apart`);
  }
}

/**
 * Whether passes are whole numbers of nanoseconds, so that nothing is rounded twice, and take time:
 * many passes of one instant are as many rounds of it when they are stepped, and one in a leap.
 */
export function isComparable(config: ResolvedConfig): boolean {
  const { timing } = config.engine;
  if (timing.type === 'polynomial' || timing.type === 'model') return false;
  return timing.type !== 'fixed' || Math.min(timing.prefill_ms, timing.decode_ms) > 0;
}

/** Leaping tells what stepping every pass tells. */
export const leapEqualsExact: Law = {
  name: 'leaping equals stepping',
  hold({ leap, exact }) {
    if (!isComparable(leap.config)) return;
    assert.equal(leap.requestRows.length, exact.requestRows.length, 'requests');
    for (const [at, row] of exact.requestRows.entries()) {
      assert.equal(leap.requestRows[at], row, `row ${at} of the requests`);
    }
    assert.deepEqual(told(leap.report), told(exact.report), 'the report');
    if (leap.result.warmUp === undefined) holdGaps(leap.report, exact.report);
    holdMeanBlocks(leap.report, exact.report, leap.config);
  },
};
