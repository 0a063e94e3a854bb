import { assert } from '#core/base/assert.ts';

/** Confidence of every interval. */
export const CONFIDENCE = 0.95;

/** How often a verdict may see a difference where none is. */
export const ALPHA = 0.05;

/** The standard normal quantile of 0.975. */
const Z = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The 0.975 quantile of Student's t, by the first four terms of its Cornish-Fisher expansion; within
 * 0.3 % from four degrees of freedom up.
 */
export function studentQuantile(degrees: number): number {
  assert(degrees >= 4, `the expansion needs four degrees of freedom, got ${degrees}`);
  const z2 = Z * Z;
  const first = (Z * (z2 + 1)) / 4;
  const second = (Z * ((5 * z2 + 16) * z2 + 3)) / 96;
  const third = (Z * (((3 * z2 + 19) * z2 + 17) * z2 - 15)) / 384;
  return Z + (first + (second + third / degrees) / degrees) / degrees;
}

/** P(standard normal < −x) for x ≥ 0: Abramowitz and Stegun 26.2.17, absolute error below 1e-7. */
export function normalTail(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/**
 * Percentile interval of bootstrap replicates of `units` resampled units, or undefined when one of
 * them is not a number. The plain percentiles are too narrow for few units, so the tails are those
 * of Hesterberg's expanded percentile interval (The American Statistician 69, 2015):
 * Φ(−√(n/(n−1)) · t_{0.975, n−1}).
 */
export function percentileInterval(replicates: Float64Array, units: number): Interval | undefined {
  if (replicates.some((value) => !Number.isFinite(value))) return undefined;
  const sorted = replicates.slice().sort();
  const tail = normalTail(Math.sqrt(units / (units - 1)) * studentQuantile(units - 1));
  const last = sorted.length - 1;
  const below = Math.floor(tail * last);
  return { low: sorted[below]!, high: sorted[last - below]! };
}
