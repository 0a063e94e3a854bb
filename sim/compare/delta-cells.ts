import { formatCount, formatQuantity, formatSigned } from '../report/format.ts';
import type { MetricComparison } from './metric-comparison.ts';
import type { Verdict } from './verdict.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  no_difference_detected: 'no difference detected',
  not_assessed: 'not assessed',
};

/** What `deltaCells` fills. */
export const DELTA_HEADER = ['ratio', '95 %', 'Δ', '95 %', 'p', 'verdict'] as const;

/** Ratio and difference with their intervals, adjusted p where there is one, and the verdict. */
export function deltaCells(metric: MetricComparison): string[] {
  const { ratio, difference, value } = metric;
  // What is left of rounding, where two values are the same, is no difference.
  const delta: Digits = (change) => signed(Math.abs(change) < 1e-9 * Math.abs(value) ? 0 : change);
  const interval = (low: number | undefined, high: number | undefined, digits: Digits): string =>
    low === undefined || high === undefined ? '–' : `${digits(low)} … ${digits(high)}`;
  return [
    ratio === undefined ? '–' : times(ratio.estimate),
    interval(ratio?.low, ratio?.high, times),
    difference === undefined ? '–' : delta(difference.estimate),
    interval(difference?.low, difference?.high, delta),
    probability(metric.p_holm),
    verdictText(metric),
  ];
}

/** A value as the tables of a comparison write it. */
export function quantity(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatQuantity(value);
}

function verdictText({ verdict, verdict_holm: corrected }: MetricComparison): string {
  if (verdict === undefined) return '–';
  if (corrected === undefined || corrected === verdict) return VERDICTS[verdict];
  return `${VERDICTS[verdict]} alone, not among all`;
}

function probability(p: number | undefined): string {
  if (p === undefined) return '–';
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

type Digits = (value: number) => string;

/** Three digits after the point, or six where three would hide that the ratio is not 1. */
const times: Digits = (value) => {
  const hidden = value !== 1 && Math.abs(value - 1) < 0.0005;
  return value.toFixed(hidden ? 6 : 3);
};

const signed: Digits = (value) => formatSigned(value, quantity);
