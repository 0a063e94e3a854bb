import { studentTwoSided } from '#core/base/student.ts';
import type { MetricSeries } from './series-tally.ts';

/** What sums of doubles may be off by, relatively: not a difference. */
const ROUNDING = 1e-12;

/**
 * The two-sided p-value of "no difference" between two series, from the standard error that the
 * bootstrap found: t = difference ÷ (SE · √(n/(n−1))) with n − 1 degrees of freedom, n the units that
 * were resampled. Over seeds this is the paired t test, but for the noise of the resamples. Unlike a
 * count of resamples it can be small enough to survive a correction. Undefined without replicates.
 */
export function differenceP(
  candidate: MetricSeries,
  other: MetricSeries,
  units: number,
): number | undefined {
  if (candidate.replicates === undefined || other.replicates === undefined) return undefined;
  const difference = candidate.estimate - other.estimate;
  if (Number.isNaN(difference)) return undefined;
  const others = other.replicates;
  const replicates = candidate.replicates.map((value, resample) => value - others[resample]!);
  const deviation = standardDeviation(replicates);
  if (Number.isNaN(deviation)) return undefined;
  const error = deviation * Math.sqrt(units / (units - 1));
  const rounding = ROUNDING * Math.abs(candidate.estimate);
  if (Math.abs(difference) <= rounding) return 1;
  // A difference that no resample changes is as certain as it can be here.
  if (error <= rounding) return 0;
  return studentTwoSided(difference / error, units - 1);
}

function standardDeviation(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
