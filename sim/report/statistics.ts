import type { QuantileSketch } from '#core/base/sketch.ts';

/** The percentiles that every latency of a report carries. */
export const PERCENTILES = [50, 75, 90, 95, 99] as const;

export type PercentileKey = `p${(typeof PERCENTILES)[number]}`;

/** Samples that must lie beyond a percentile before it can be trusted. */
const SAMPLES_BEYOND_MIN = 10;

/**
 * A distribution in numbers, all in the unit of its samples. Without a sample only `n` is there: a
 * zero would be a lie.
 */
export interface Statistics {
  readonly n: number;
  readonly mean?: number;
  /** Of the population, not of a sample. */
  readonly std?: number;
  readonly min?: number;
  readonly p50?: number;
  readonly p75?: number;
  readonly p90?: number;
  readonly p95?: number;
  readonly p99?: number;
  readonly max?: number;
  /** Percentiles beyond which fewer than ten samples lie; absent when there are none. */
  readonly few_samples?: readonly PercentileKey[];
}

/** Index of the p-th percentile (0..100) among n sorted samples: nearest rank, half away from 0. */
export function nearestRank(n: number, percentile: number): number {
  return Math.round(((n - 1) * percentile) / 100);
}

/** Whether fewer than ten of n samples lie beyond a percentile: n(1−q) < 10. */
export function isThin(n: number, percentile: number): boolean {
  return n * (100 - percentile) < SAMPLES_BEYOND_MIN * 100;
}

/** Percentiles of n samples with fewer than ten samples beyond them. */
export function thinPercentiles(n: number): PercentileKey[] {
  const thin = PERCENTILES.filter((p) => isThin(n, p));
  return thin.map((p): PercentileKey => `p${p}`);
}

function marks(n: number): Pick<Statistics, 'few_samples'> {
  const thin = thinPercentiles(n);
  return thin.length === 0 ? {} : { few_samples: thin };
}

/** Exact statistics of `samples`, which are sorted in place. */
export function describeSamples(samples: Float64Array): Statistics {
  const n = samples.length;
  if (n === 0) return { n: 0 };
  samples.sort();
  let sum = 0;
  for (let index = 0; index < n; index++) sum += samples[index]!;
  const mean = sum / n;
  let squares = 0;
  for (let index = 0; index < n; index++) squares += (samples[index]! - mean) ** 2;
  return {
    n,
    mean,
    std: Math.sqrt(squares / n),
    min: samples[0]!,
    p50: samples[nearestRank(n, 50)]!,
    p75: samples[nearestRank(n, 75)]!,
    p90: samples[nearestRank(n, 90)]!,
    p95: samples[nearestRank(n, 95)]!,
    p99: samples[nearestRank(n, 99)]!,
    max: samples[n - 1]!,
    ...marks(n),
  };
}

/** A pool of gaps whose count and sum are known exactly and whose shape is known from a sketch. */
export interface GapPool {
  readonly count: number;
  readonly sumMs: number;
  readonly sketchNs: QuantileSketch;
}

/**
 * Statistics of the inter-token gaps: mean exact, extremes exact, percentiles within 0.1 %, standard
 * deviation within about as much.
 */
export function describeGaps({ count, sumMs, sketchNs }: GapPool): Statistics {
  if (count === 0 || sketchNs.count === 0) return { n: 0 };
  const ms = (q: number): number => sketchNs.quantile(q)! / 1e6;
  return {
    n: count,
    mean: sumMs / count,
    std: sketchNs.standardDeviation! / 1e6,
    min: ms(0),
    p50: ms(0.5),
    p75: ms(0.75),
    p90: ms(0.9),
    p95: ms(0.95),
    p99: ms(0.99),
    max: ms(1),
    ...marks(count),
  };
}
