import { type Interval, percentileInterval } from './interval.ts';
import type { Metric } from './metrics.ts';
import type { MetricSeries } from './series-tally.ts';

export type Verdict = 'better' | 'worse' | 'no_difference_detected' | 'not_assessed';

/** A quantity with its 95 % interval, where there is one. */
export interface Estimate extends Partial<Interval> {
  readonly estimate: number;
}

/** One metric of a candidate against the baseline. Absent parts have no meaning here. */
export interface MetricDelta {
  /** Candidate ÷ baseline; absent when the baseline is 0. */
  readonly ratio?: Estimate;
  /** Candidate − baseline, in the unit of the metric. */
  readonly difference: Estimate;
  readonly verdict: Verdict;
}

/**
 * Holds a candidate's metric against the baseline's. The verdict is "no difference detected" when the
 * interval of the ratio contains 1 (of the difference 0, when there is no ratio). Undefined when one
 * of them has no value.
 */
export function judge(
  metric: Metric,
  candidate: MetricSeries,
  baseline: MetricSeries,
  units: number,
): MetricDelta | undefined {
  if (Number.isNaN(candidate.estimate) || Number.isNaN(baseline.estimate)) return undefined;
  const difference = estimateOf(candidate, baseline, units, (a, b) => a - b);
  const ratio = estimateOf(candidate, baseline, units, (a, b) => a / b);
  const finite = Number.isFinite(ratio.estimate);
  const verdict =
    finite && ratio.low !== undefined
      ? verdictOf(metric, ratio, 1)
      : verdictOf(metric, difference, 0);
  return { ...(finite && { ratio }), difference, verdict };
}

function estimateOf(
  candidate: MetricSeries,
  baseline: MetricSeries,
  units: number,
  combine: (candidate: number, baseline: number) => number,
): Estimate {
  const estimate = combine(candidate.estimate, baseline.estimate);
  const { replicates } = candidate;
  if (replicates === undefined || baseline.replicates === undefined) return { estimate };
  const others = baseline.replicates;
  const combined = replicates.map((value, resample) => combine(value, others[resample]!));
  return { estimate, ...percentileInterval(combined, units) };
}

function verdictOf(metric: Metric, { low, high }: Estimate, neutral: number): Verdict {
  if (low === undefined || high === undefined) return 'not_assessed';
  if (low <= neutral && neutral <= high) return 'no_difference_detected';
  const lower = high < neutral;
  return lower === (metric.better === 'lower') ? 'better' : 'worse';
}
