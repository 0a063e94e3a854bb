import type { ReportTrace } from '../report/report.ts';
import { isThin } from '../report/statistics.ts';
import { CONFIDENCE } from './interval.ts';
import { METRICS } from './metrics.ts';
import { RESAMPLES, type ResamplingUnit, type TallyResult } from './tally.ts';
import { judge, type MetricDelta } from './verdict.ts';

/** The version that this program writes. */
export const COMPARISON_VERSION = 1;

/** A metric of a candidate: its mean over the seeds, and how it stands against the baseline. */
export interface MetricComparison extends Partial<MetricDelta> {
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Fewer than ten paired requests lie beyond this percentile. */
  readonly few_samples?: true;
}

export interface CandidateComparison {
  readonly name: string;
  /** The keys that make the candidate, `key=value`. */
  readonly set: readonly string[];
  readonly config_sha256: string;
  /** Requests that it completed and another candidate did not: they are in no latency here. */
  readonly unpaired_requests: number;
  /** By metric key; a metric without a value is absent. */
  readonly metrics: Readonly<Record<string, MetricComparison>>;
}

/** The published format of a comparison. */
export interface Comparison {
  readonly version: typeof COMPARISON_VERSION;
  readonly trace: ReportTrace;
  readonly baseline: string;
  readonly seeds: readonly number[];
  /** What a seed varies in these runs; an interval over seeds speaks of nothing else. */
  readonly seed_varies: readonly string[];
  readonly bootstrap: {
    readonly unit: ResamplingUnit;
    readonly units: number;
    readonly resamples: number;
    readonly confidence: number;
  };
  readonly paired_requests: number;
  readonly candidates: readonly CandidateComparison[];
}

/** A candidate as it was flown. */
export interface FlownCandidate {
  readonly name: string;
  readonly sets: readonly string[];
  readonly configSha256: string;
}

export interface ComparisonContext {
  readonly trace: ReportTrace;
  readonly candidates: readonly FlownCandidate[];
  /** Index of the baseline among the candidates. */
  readonly baseline: number;
  readonly seeds: readonly number[];
  readonly seedVaries: readonly string[];
}

/** Puts the tally of a comparison into its published form. */
export function buildComparison(tally: TallyResult, context: ComparisonContext): Comparison {
  const candidates = context.candidates.map((flown, index): CandidateComparison => {
    return {
      name: flown.name,
      set: flown.sets,
      config_sha256: flown.configSha256,
      unpaired_requests: tally.unpairedRequests[index]!,
      metrics: compareMetrics(tally, index, context.baseline),
    };
  });
  return {
    version: COMPARISON_VERSION,
    trace: context.trace,
    baseline: context.candidates[context.baseline]!.name,
    seeds: context.seeds,
    seed_varies: context.seedVaries,
    bootstrap: {
      unit: tally.unit,
      units: tally.units,
      resamples: RESAMPLES,
      confidence: CONFIDENCE,
    },
    paired_requests: tally.pairedRequests,
    candidates,
  };
}

function compareMetrics(
  tally: TallyResult,
  candidate: number,
  baseline: number,
): Record<string, MetricComparison> {
  const metrics: Record<string, MetricComparison> = {};
  for (const [index, metric] of METRICS.entries()) {
    const series = tally.series[candidate]![index]!;
    if (Number.isNaN(series.estimate)) continue;
    const { unit, better, source } = metric;
    const thin =
      source.kind === 'percentile' && isThin(tally.pairedRequests, source.percentile)
        ? { few_samples: true as const }
        : {};
    const own = { value: series.estimate, unit, better, ...thin };
    const delta =
      candidate === baseline
        ? undefined
        : judge(metric, series, tally.series[baseline]![index]!, tally.units);
    metrics[metric.key] = { ...own, ...delta };
  }
  return metrics;
}
