import { nearestRank } from '../report/statistics.ts';
import { blockOf, type Resampling, weightedPercentile } from './blocks.ts';
import type { MetricSource } from './metrics.ts';
import type { PairedOutcome } from './paired-outcome.ts';

/** A metric over the paired rows of an outcome; NaN when it has none there. */
export function measure(paired: PairedOutcome, source: MetricSource): number {
  if (source.kind === 'run') return source.read(paired.outcome.report) ?? Number.NaN;
  if (source.kind === 'percentile') {
    const sorted = paired.sorted(source.column);
    return sorted[nearestRank(sorted.length, source.percentile)] ?? Number.NaN;
  }
  let sum = 0;
  let weight = 0;
  forEachTerm(paired, source, (_, numerator, denominator) => {
    sum += numerator;
    weight += denominator;
  });
  return sum / weight;
}

/**
 * Adds the metric of every resample of blocks of requests to `sums`. A metric of a whole run has no
 * such replicates: false.
 */
export function addReplicates(
  sums: Float64Array,
  paired: PairedOutcome,
  source: MetricSource,
  resampling: Resampling,
): boolean {
  if (source.kind === 'run') return false;
  const { resamples, requests, blocks, weights } = resampling;
  if (source.kind === 'percentile') {
    const sorted = paired.sortedInBlocks(source.column, resampling);
    for (let resample = 0; resample < resamples; resample++) {
      sums[resample]! += weightedPercentile(sorted, source.percentile, weights, resample * blocks);
    }
    return true;
  }
  const numerators = new Float64Array(blocks);
  const denominators = new Float64Array(blocks);
  forEachTerm(paired, source, (row, numerator, denominator) => {
    const block = blockOf(row, requests, blocks);
    numerators[block]! += numerator;
    denominators[block]! += denominator;
  });
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    let weight = 0;
    for (let block = 0; block < blocks; block++) {
      const times = weights[resample * blocks + block]!;
      sum += times * numerators[block]!;
      weight += times * denominators[block]!;
    }
    sums[resample]! += sum / weight;
  }
  return true;
}

function forEachTerm(
  { outcome, rows }: PairedOutcome,
  source: MetricSource & { readonly kind: 'mean' },
  take: (row: number, numerator: number, denominator: number) => void,
): void {
  const numerators = outcome.columns[source.numerator];
  const denominators =
    source.denominator === undefined ? undefined : outcome.columns[source.denominator];
  for (const row of rows) {
    const numerator = numerators[row]!;
    const denominator = denominators === undefined ? 1 : denominators[row]!;
    if (Number.isNaN(numerator) || Number.isNaN(denominator)) continue;
    take(row, numerator, denominator);
  }
}
