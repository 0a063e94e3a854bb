import { nearestRank } from '../report/statistics.ts';
import { blockOf, type SortedValues, sortByValue, weightedPercentile } from './blocks.ts';
import type { MetricSource } from './metrics.ts';
import type { Outcome } from './outcome.ts';

/** The rows that every outcome completed: the pairs of a comparison. */
export function commonRows(outcomes: readonly Outcome[]): Int32Array {
  // A run that is cut off may not have come to the last requests of the trace.
  const shortest = Math.min(...outcomes.map((outcome) => outcome.rows));
  const rows = new Int32Array(shortest);
  let count = 0;
  for (let row = 0; row < shortest; row++) {
    if (outcomes.every((outcome) => outcome.completed[row] === 1)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** A metric of one outcome over the given rows; NaN when it has none there. */
export function measure(outcome: Outcome, source: MetricSource, rows: Int32Array): number {
  if (source.kind === 'run') return source.read(outcome.report) ?? Number.NaN;
  if (source.kind === 'percentile') {
    const values = outcome.columns[source.column];
    const known = Float64Array.from(rows, (row) => values[row]!).filter((v) => !Number.isNaN(v));
    known.sort();
    return known[nearestRank(known.length, source.percentile)] ?? Number.NaN;
  }
  let sum = 0;
  let weight = 0;
  forEachTerm(outcome, source, rows, (_, numerator, denominator) => {
    sum += numerator;
    weight += denominator;
  });
  return sum / weight;
}

/** How the rows of a comparison are cut and drawn. */
export interface Resampling {
  readonly resamples: number;
  /** Requests of the trace. */
  readonly requests: number;
  readonly blocks: number;
  /** `drawWeights` of so many blocks. */
  readonly weights: Uint16Array;
}

/**
 * Adds the metric of every resample of blocks of requests to `sums`. A metric of a whole run has no
 * such replicates: false.
 */
export function addReplicates(
  sums: Float64Array,
  outcome: Outcome,
  source: MetricSource,
  rows: Int32Array,
  resampling: Resampling,
): boolean {
  if (source.kind === 'run') return false;
  const { resamples, requests, blocks, weights } = resampling;
  if (source.kind === 'percentile') {
    const sorted = sortRows(outcome.columns[source.column], rows, resampling);
    for (let resample = 0; resample < resamples; resample++) {
      sums[resample]! += weightedPercentile(sorted, source.percentile, weights, resample * blocks);
    }
    return true;
  }
  const numerators = new Float64Array(blocks);
  const denominators = new Float64Array(blocks);
  forEachTerm(outcome, source, rows, (row, numerator, denominator) => {
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
  outcome: Outcome,
  source: MetricSource & { readonly kind: 'mean' },
  rows: Int32Array,
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

function sortRows(
  column: Float64Array,
  rows: Int32Array,
  { requests, blocks }: Resampling,
): SortedValues {
  const known = rows.filter((row) => !Number.isNaN(column[row]!));
  const values = Float64Array.from(known, (row) => column[row]!);
  const blockIds = Uint16Array.from(known, (row) => blockOf(row, requests, blocks));
  return sortByValue(values, blockIds, blocks);
}
