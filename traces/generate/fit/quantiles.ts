import { assert } from '#core/base/assert.ts';
import type { RandomStream } from '#core/base/random.ts';

/**
 * A distribution as its quantiles at 0, 1/n, …, 1. Between two of them values lie evenly by their
 * logarithm, so that long tails keep their shape; equal neighbours are a value that many rows have.
 */
export type QuantileTable = readonly number[];

/** The quantiles of numbers in ascending order, at `parts` + 1 points; undefined without numbers. */
export function quantilesOf(sorted: ArrayLike<number>, parts: number): QuantileTable | undefined {
  const last = sorted.length - 1;
  if (last < 0) return undefined;
  return Array.from({ length: parts + 1 }, (_, part) => {
    const at = (part / parts) * last;
    const below = Math.floor(at);
    const value = sorted[below]!;
    return roundTo(value + (at - below) * (sorted[Math.min(below + 1, last)]! - value));
  });
}

/** The value below which a share `u` in [0, 1) of the distribution lies. */
export function valueAt(table: QuantileTable, u: number): number {
  const parts = table.length - 1;
  assert(parts >= 1 && u >= 0 && u < 1, 'a quantile lies in [0, 1)');
  const part = Math.floor(u * parts);
  const low = table[part]!;
  const high = table[part + 1]!;
  const along = u * parts - part;
  if (low === high) return low;
  if (low < 0) return low + along * (high - low);
  return Math.expm1(Math.log1p(low) + along * (Math.log1p(high) - Math.log1p(low)));
}

/** Draws from the distribution. */
export function drawFrom(table: QuantileTable, random: RandomStream): number {
  return valueAt(table, random.nextFloat());
}

/** The share of the distribution that lies at or below `value`. */
export function shareUpTo(table: QuantileTable, value: number): number {
  const parts = table.length - 1;
  if (value < table[0]!) return 0;
  if (value >= table[parts]!) return 1;
  let part = 0;
  while (table[part + 1]! <= value) part++;
  const low = table[part]!;
  const high = table[part + 1]!;
  const along =
    low < 0
      ? (value - low) / (high - low)
      : (Math.log1p(value) - Math.log1p(low)) / (Math.log1p(high) - Math.log1p(low));
  return (part + along) / parts;
}

/** Three decimals are finer than any length or time here. */
function roundTo(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
