import type { RandomStream } from '#core/base/random.ts';

/** One of the values. */
export const pick = <T>(stream: RandomStream, values: readonly T[]): T =>
  values[stream.nextBelow(values.length)]!;

/** A whole number of [least, most]. */
export const between = (stream: RandomStream, least: number, most: number): number =>
  least + stream.nextBelow(most - least + 1);

export const chance = (stream: RandomStream, probability: number): boolean =>
  stream.nextFloat() < probability;
