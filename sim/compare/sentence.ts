import { formatCount } from '../report/format.ts';
import type { CandidateComparison, Comparison } from './comparison.ts';
import type { MetricComparison } from './metric-comparison.ts';
import { METRICS } from './metrics.ts';
import { isUnjudged } from './unjudged.ts';
import type { Estimate } from './verdict.ts';

/** Metrics that deserve a sentence: the first one always, goodput when there are objectives. */
const SENTENCE_METRICS = ['ttft_ms_mean', 'goodput_request_rps'];

/**
 * One line a candidate and metric, as hyperfine words it: `kv_router: mean TTFT 0.74 ± 0.02 times
 * round_robin (n = …)`. The number after ± is half of the 95 % interval.
 */
export function sentences(comparison: Comparison): string[] {
  const { baseline, candidates, unjudged = [] } = comparison;
  const others = candidates.filter(({ name }) => name !== baseline);
  return others.flatMap((candidate) =>
    METRICS.filter(({ key }) => SENTENCE_METRICS.includes(key)).flatMap(({ key, label }) => {
      const metric = candidate.metrics[key];
      return metric === undefined || isUnjudged(unjudged, key)
        ? []
        : sentence(comparison, candidate, label, metric);
    }),
  );
}

function sentence(
  comparison: Comparison,
  candidate: CandidateComparison,
  label: string,
  { ratio, verdict: alone, verdict_holm: verdict = alone }: MetricComparison,
): string[] {
  if (ratio === undefined) return [];
  const times = `${spread(ratio)} times ${comparison.baseline}`;
  const n = `(${sampleText(comparison)})`;
  if (verdict === 'no_difference_detected') {
    return [`${candidate.name}: ${label}: no difference detected, ${times} ${n}`];
  }
  const doubt = verdict === 'not_assessed' ? ', too few samples for an interval' : '';
  return [`${candidate.name}: ${label} ${times} ${n}${doubt}`];
}

/** `n = 20 seeds × 12,031 paired requests`. */
export function sampleText({ seeds, paired_requests }: Comparison): string {
  const seedText = seeds.length === 1 ? '1 seed' : `${formatCount(seeds.length)} seeds`;
  return `n = ${seedText} × ${formatCount(paired_requests)} paired requests`;
}

/** `0.74 ± 0.02`: as many digits as the spread needs, two to four. */
export function spread({ estimate, low, high }: Estimate): string {
  if (low === undefined || high === undefined) return estimate.toFixed(2);
  const half = (high - low) / 2;
  const digits = half >= 0.005 ? 2 : half >= 0.0005 ? 3 : 4;
  return `${estimate.toFixed(digits)} ± ${half.toFixed(digits)}`;
}
