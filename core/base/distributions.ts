import { assert } from './assert.ts';
import type { RandomStream } from './random.ts';

/** Lanczos coefficients for g = 7 and nine terms: relative error below 1e-14 for positive x. */
const LANCZOS_G = 7;
const LANCZOS = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12,
  9.984_369_578_019_572e-6, 1.505_632_735_149_311_6e-7,
] as const;

/** The natural logarithm of Γ(x), x > 0 (Lanczos 1964). */
export function lnGamma(x: number): number {
  assert(x > 0, `lnGamma takes a positive number, got ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const base = x - 1;
  let sum: number = LANCZOS[0];
  for (let term = 1; term < LANCZOS.length; term++) sum += LANCZOS[term]! / (base + term);
  const t = base + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (base + 0.5) * Math.log(t) - t + Math.log(sum);
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

/** The scale that gives a Weibull of this shape the mean 1. */
export function weibullScale(shape: number): number {
  return Math.exp(-lnGamma(1 + 1 / shape));
}

/** Draws from a Weibull by inversion: scale · E^(1/shape), E exponential. */
export function drawWeibull(shape: number, scale: number, random: RandomStream): number {
  return scale * random.nextExponential() ** (1 / shape);
}

/** The coefficient of variation of a Weibull: √(Γ(1 + 2/k) ÷ Γ(1 + 1/k)² − 1). */
export function weibullCv(shape: number): number {
  return Math.sqrt(Math.expm1(lnGamma(1 + 2 / shape) - 2 * lnGamma(1 + 1 / shape)));
}

/** Shapes between which `weibullShape` searches; their CVs are 262,000 and 0.0064. */
const SHAPE_MIN = 0.05;
const SHAPE_MAX = 200;

/** The shape of the Weibull that has this coefficient of variation, 0.01 … 100. */
export function weibullShape(cv: number): number {
  assert(cv >= 0.01 && cv <= 100, `a Weibull's CV is from 0.01 to 100 here, got ${cv}`);
  let low = SHAPE_MIN;
  let high = SHAPE_MAX;
  // The CV falls as the shape grows; 60 halvings leave less than the precision of a double.
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (weibullCv(middle) > cv) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
