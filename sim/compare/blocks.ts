import { openStream } from '#core/base/random.ts';
import { nearestRank } from '../report/statistics.ts';

/** Blocks that a trace is cut into when requests are resampled. */
const BLOCKS_MAX = 100;

/** Blocks below which resampling them says nothing. */
export const BLOCKS_MIN = 10;

/** How the rows of a comparison are cut and drawn. */
export interface Resampling {
  readonly resamples: number;
  /** Requests of the trace. */
  readonly requests: number;
  readonly blocks: number;
  /** `drawWeights` of so many blocks. */
  readonly weights: Uint16Array;
}

/** Number of blocks for a trace of so many rows: one percent of the trace each, at least a row. */
export function blockCount(rows: number): number {
  return Math.min(rows, BLOCKS_MAX);
}

/** The block of a row: runs of consecutive requests, as equal as can be. */
export function blockOf(row: number, rows: number, blocks: number): number {
  return Math.floor((row * blocks) / rows);
}

/**
 * How often each unit is drawn in each resample, drawn once and used for all candidates and metrics,
 * so that every comparison stays paired.
 *
 *     weights[resample · units + unit]   times drawn
 */
export function drawWeights(seed: number, units: number, resamples: number): Uint16Array {
  const weights = new Uint16Array(resamples * units);
  const stream = openStream(seed, 'compare.bootstrap');
  for (let resample = 0; resample < resamples; resample++) {
    for (let draw = 0; draw < units; draw++) weights[resample * units + stream.nextBelow(units)]!++;
  }
  return weights;
}

/** Values with the blocks that they lie in, ascending by value. */
export interface SortedValues {
  readonly values: Float64Array;
  readonly blocks: Uint16Array;
  /** Values in each block. */
  readonly sizes: Float64Array;
}

/** Sorts values together with their blocks. */
export function sortByValue(
  values: Float64Array,
  blocks: Uint16Array,
  count: number,
): SortedValues {
  const order = new Uint32Array(values.length).map((_, index) => index);
  order.sort((a, b) => values[a]! - values[b]! || a - b);
  const sizes = new Float64Array(count);
  for (let index = 0; index < blocks.length; index++) sizes[blocks[index]!]!++;
  return {
    values: Float64Array.from(order, (index) => values[index]!),
    blocks: Uint16Array.from(order, (index) => blocks[index]!),
    sizes,
  };
}

/**
 * Nearest-rank percentile of a resample in which block b counts `weights[offset + b]` times; NaN when
 * no value was drawn. It walks from the nearer end.
 */
export function weightedPercentile(
  { values, blocks, sizes }: SortedValues,
  percentile: number,
  weights: Uint16Array,
  offset: number,
): number {
  let n = 0;
  for (let block = 0; block < sizes.length; block++) n += sizes[block]! * weights[offset + block]!;
  if (n === 0) return Number.NaN;
  const rank = nearestRank(n, percentile);
  const fromTop = rank * 2 > n;
  let left = fromTop ? n - 1 - rank : rank;
  const step = fromTop ? -1 : 1;
  for (let index = fromTop ? blocks.length - 1 : 0; ; index += step) {
    left -= weights[offset + blocks[index]!]!;
    if (left < 0) return values[index]!;
  }
}
