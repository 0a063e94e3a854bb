import type { RandomStream } from '#core/base/random.ts';

/** A lognormal cut to a range: `median` · exp(sigma · z), so that sigma 0 is a constant. */
export interface Lognormal {
  readonly median: number;
  readonly sigma: number;
  readonly min: number;
  readonly max: number;
}

/** Draws from a lognormal, rounded to a whole number. */
export function drawLognormal(shape: Lognormal, random: RandomStream): number {
  const value = shape.median * Math.exp(shape.sigma * random.nextNormal());
  return Math.round(Math.min(shape.max, Math.max(shape.min, value)));
}

/** Draws a count ≥ 1 with the given mean, geometric. */
export function drawGeometric(mean: number, random: RandomStream): number {
  if (mean <= 1) return 1;
  return 1 + Math.floor(random.nextExponential() / -Math.log1p(-1 / mean));
}

/** Draws an index in [0, count) with weight 1/(index + 1): few are popular, most are not. */
export function drawZipf(count: number, random: RandomStream): number {
  let total = 0;
  for (let index = 0; index < count; index++) total += 1 / (index + 1);
  let left = random.nextFloat() * total;
  for (let index = 0; index < count; index++) {
    left -= 1 / (index + 1);
    if (left < 0) return index;
  }
  return count - 1;
}
