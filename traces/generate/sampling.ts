import { assert } from '#core/base/assert.ts';
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

/**
 * Draws from a gamma with mean 1 (Marsaglia and Tsang 2000; shapes below 1 by their boost). A
 * shape of 1 is the exponential of a Poisson process, smaller ones are burstier: CV = 1/√shape.
 */
export function drawGamma(shape: number, random: RandomStream): number {
  assert(shape > 0, `a gamma's shape must be positive, got ${shape}`);
  if (shape === 1) return random.nextExponential();
  if (shape < 1) {
    const boost = (1 - random.nextFloat()) ** (1 / shape);
    return (gammaAboveOne(shape + 1, random) * boost) / shape;
  }
  return gammaAboveOne(shape, random) / shape;
}

function gammaAboveOne(shape: number, random: RandomStream): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = random.nextNormal();
    const v = (1 + c * z) ** 3;
    if (v <= 0) continue;
    const accept = Math.log(1 - random.nextFloat());
    if (accept < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
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
