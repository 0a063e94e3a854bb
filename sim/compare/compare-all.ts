import { isThin } from '../report/statistics.ts';
import { holmAdjust } from './holm.ts';
import { ALPHA } from './interval.ts';
import type { MetricComparison } from './metric-comparison.ts';
import type { Metric } from './metrics.ts';
import { differenceP } from './p-value.ts';
import type { MetricSeries } from './series-tally.ts';
import { isUnjudged, type Unjudged } from './unjudged.ts';
import { judge, type MetricDelta, type Verdict } from './verdict.ts';

/** A candidate, and the one that it is held against. */
export type PairIndex = readonly [candidate: number, against: number];

/** The series that are judged, by candidate, then by metric. */
export interface JudgedSeries {
  readonly series: readonly (readonly MetricSeries[])[];
  readonly units: number;
  readonly pairedRequests: number;
  /** Metrics that are shown with their differences, and get no verdict. */
  readonly unjudged?: readonly Unjudged[];
}

/** Verdicts over pairs of candidates. */
export interface JudgedPairs {
  /** Judgements that were corrected together. */
  readonly comparisons: number;
  /** Keys of the metrics among them. */
  readonly corrected: readonly string[];
  /** A candidate's metrics, with their deltas against another candidate; of some keys, or all. */
  of(
    candidate: number,
    against: number,
    keys?: readonly string[],
  ): Record<string, MetricComparison>;
}

/** Each candidate against the baseline, or every two: a later one against an earlier, or the baseline. */
export function pairsOf(candidates: number, baseline: number, all: boolean): PairIndex[] {
  const indexes = Array.from({ length: candidates }, (_, index) => index);
  const others = indexes.filter((index) => index !== baseline);
  const pairs = others.map((candidate): PairIndex => [candidate, baseline]);
  if (!all) return pairs;
  const rest = others.flatMap((against, position) =>
    others.slice(position + 1).map((candidate): PairIndex => [candidate, against]),
  );
  return [...pairs, ...rest];
}

/** Judges metrics over pairs, those of `corrected` as one family. */
export function compareAll(
  judged: JudgedSeries,
  metrics: readonly Metric[],
  pairs: readonly PairIndex[],
  corrected: readonly string[],
): JudgedPairs {
  const adjusted = adjust(judged, metrics, pairs, corrected);
  return {
    comparisons: adjusted.size,
    corrected: corrected.filter((key) => pairs.some((pair) => adjusted.has(nameOf(pair, key)))),
    of: (candidate, against, keys) => {
      const found: Record<string, MetricComparison> = {};
      for (const [index, metric] of metrics.entries()) {
        const own = judged.series[candidate]![index]!;
        if (Number.isNaN(own.estimate) || keys?.includes(metric.key) === false) continue;
        const delta =
          candidate === against
            ? undefined
            : judgeIn(judged, metric, own, judged.series[against]![index]!);
        const p = adjusted.get(nameOf([candidate, against], metric.key));
        found[metric.key] = {
          ...ownValue(metric, own, judged.pairedRequests),
          ...delta,
          ...(delta && p !== undefined && { p_holm: p, verdict_holm: soften(delta.verdict, p) }),
        };
      }
      return found;
    },
  };
}

function judgeIn(
  { units, unjudged = [] }: JudgedSeries,
  metric: Metric,
  candidate: MetricSeries,
  baseline: MetricSeries,
): MetricDelta | undefined {
  const delta = judge(metric, candidate, baseline, units);
  if (delta === undefined || !isUnjudged(unjudged, metric.key)) return delta;
  return { ...delta, verdict: 'not_assessed' };
}

function ownValue(
  { unit, better, source }: Metric,
  { estimate }: MetricSeries,
  pairedRequests: number,
): MetricComparison {
  const thin = source.kind === 'percentile' && isThin(pairedRequests, source.percentile);
  return { value: estimate, unit, better, ...(thin && { few_samples: true }) };
}

/** The adjusted p-value of each judgement of the family that could be assessed. */
function adjust(
  { series, units, unjudged = [] }: JudgedSeries,
  metrics: readonly Metric[],
  pairs: readonly PairIndex[],
  corrected: readonly string[],
): ReadonlyMap<string, number> {
  const names: string[] = [];
  const values: number[] = [];
  for (const pair of pairs) {
    for (const [index, { key }] of metrics.entries()) {
      if (!corrected.includes(key) || isUnjudged(unjudged, key)) continue;
      const [candidate, against] = pair;
      const p = differenceP(series[candidate]![index]!, series[against]![index]!, units);
      if (p === undefined) continue;
      names.push(nameOf(pair, key));
      values.push(p);
    }
  }
  const adjusted = holmAdjust(values);
  return new Map(names.map((name, index) => [name, adjusted[index]!]));
}

function nameOf([candidate, against]: PairIndex, key: string): string {
  return `${candidate}/${against}/${key}`;
}

/** A difference is upheld where both its own interval and the corrected test see it. */
function soften(verdict: Verdict, p: number): Verdict {
  const found = verdict === 'better' || verdict === 'worse';
  return found && p > ALPHA ? 'no_difference_detected' : verdict;
}
