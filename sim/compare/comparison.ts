import type { ReportTrace } from '../report/report.ts';
import type { TimingRow } from '../report/timing-rows.ts';
import { compareAll, type JudgedPairs, type PairIndex, pairsOf } from './compare-all.ts';
import { ALPHA, CONFIDENCE } from './interval.ts';
import type { MetricComparison } from './metric-comparison.ts';
import { HEADLINE_KEYS, METRICS } from './metrics.ts';
import { RESAMPLES, type ResamplingUnit, type TallyResult } from './tally.ts';
import { compareTenants, type TenantComparison } from './tenant-comparison.ts';
import type { Unjudged } from './unjudged.ts';

/** The version that this program writes; keys are added without a new one. */
export const COMPARISON_VERSION = 1;

export interface CandidateComparison {
  readonly name: string;
  /** The keys that make the candidate, `key=value`. */
  readonly set: readonly string[];
  /** The file of its config, as it was named; absent where candidates share one. */
  readonly config_file?: string;
  readonly config_sha256: string;
  /** How far the times of its passes can be believed; absent where no model on a GPU times them. */
  readonly timing?: readonly TimingRow[];
  /** What pass times rest on where no model on a GPU makes them, a text for each pool that differs. */
  readonly pass_times?: readonly string[];
  /** Requests that it completed and another candidate did not: they are in no latency here. */
  readonly unpaired_requests: number;
  /** By metric key; a metric without a value is absent. */
  readonly metrics: Readonly<Record<string, MetricComparison>>;
}

/** Two candidates held against each other. */
export interface PairComparison {
  readonly candidate: string;
  readonly against: string;
  /** The headline metrics, by key: the candidate's values, and how they stand against the other. */
  readonly metrics: Readonly<Record<string, MetricComparison>>;
}

/** How verdicts that are reached together are corrected. */
export interface Correction {
  readonly method: 'holm';
  /** How likely any of the corrected verdicts is to see a difference where none is. */
  readonly alpha: number;
  /** Keys of the metrics that are corrected; the others are judged one by one. */
  readonly metrics: readonly string[];
  /** Judgements in the family: pairs of candidates times metrics that could be assessed. */
  readonly comparisons: number;
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
  /** Absent where nothing could be assessed. */
  readonly correction?: Correction;
  /** Metrics that get no verdict here, and why; absent where all may have one. */
  readonly unjudged?: readonly Unjudged[];
  readonly paired_requests: number;
  readonly candidates: readonly CandidateComparison[];
  /** Every two candidates; present where it was asked for. */
  readonly pairs?: readonly PairComparison[];
  /** Present where the requests have tenants; these verdicts are not corrected. */
  readonly tenants?: readonly TenantComparison[];
  /** Tenants with fewer requests than those above. */
  readonly tenants_left_out?: number;
}

/** A candidate as it was flown. */
export interface FlownCandidate {
  readonly name: string;
  readonly sets: readonly string[];
  readonly configFile?: string;
  readonly configSha256: string;
  /** As its report of the first seed has it. */
  readonly timing?: readonly TimingRow[];
  /** What its other pass times rest on. */
  readonly passTimes?: readonly string[];
}

export interface ComparisonContext {
  readonly trace: ReportTrace;
  readonly candidates: readonly FlownCandidate[];
  /** Index of the baseline among the candidates. */
  readonly baseline: number;
  readonly seeds: readonly number[];
  readonly seedVaries: readonly string[];
  /** Metrics that get no verdict, and why. */
  readonly unjudged?: readonly Unjudged[];
  /** Whether every two candidates are held against each other; default only against the baseline. */
  readonly allPairs?: boolean;
}

/** Puts the tally of a comparison into its published form. */
export function buildComparison(tally: TallyResult, context: ComparisonContext): Comparison {
  const { candidates, baseline, allPairs = false, unjudged = [] } = context;
  const names = candidates.map(({ name }) => name);
  const pairs = pairsOf(names.length, baseline, allPairs);
  const judged = compareAll({ ...tally, unjudged }, METRICS, pairs, HEADLINE_KEYS);
  const tenants = compareTenants(tally, names, baseline);
  return {
    version: COMPARISON_VERSION,
    trace: context.trace,
    baseline: names[baseline]!,
    seeds: context.seeds,
    seed_varies: context.seedVaries,
    bootstrap: {
      unit: tally.unit,
      units: tally.units,
      resamples: RESAMPLES,
      confidence: CONFIDENCE,
    },
    ...(judged.comparisons > 0 && { correction: correctionOf(judged) }),
    ...(unjudged.length > 0 && { unjudged }),
    paired_requests: tally.pairedRequests,
    candidates: candidates.map((flown, index): CandidateComparison => {
      return {
        name: flown.name,
        set: flown.sets,
        ...(flown.configFile !== undefined && { config_file: flown.configFile }),
        config_sha256: flown.configSha256,
        ...(flown.timing !== undefined && { timing: flown.timing }),
        ...(flown.passTimes?.length && { pass_times: flown.passTimes }),
        unpaired_requests: tally.unpairedRequests[index]!,
        metrics: judged.of(index, baseline),
      };
    }),
    ...(allPairs && { pairs: pairs.map((pair) => pairComparison(names, pair, judged)) }),
    ...(tenants.length > 0 && { tenants }),
    ...(tally.tenantsLeftOut > 0 && { tenants_left_out: tally.tenantsLeftOut }),
  };
}

function correctionOf({ comparisons, corrected }: JudgedPairs): Correction {
  return { method: 'holm', alpha: ALPHA, metrics: corrected, comparisons };
}

function pairComparison(
  names: readonly string[],
  [candidate, against]: PairIndex,
  judged: JudgedPairs,
): PairComparison {
  return {
    candidate: names[candidate]!,
    against: names[against]!,
    metrics: judged.of(candidate, against, HEADLINE_KEYS),
  };
}
