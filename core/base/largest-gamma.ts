import { lnGamma } from './distributions.ts';

const MOST_TERMS = 1000;
const ENOUGH = 1e-12;

/** P(a, x): how likely a Gamma variable of shape a and scale 1 is at most x. Both sides of a + 1 by their own expansion. */
export function gammaBelow(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a));
  return x < a + 1 ? front * series(a, x) : 1 - front * fraction(a, x);
}

/** Σ x^n / (a · (a + 1) ⋯ (a + n)). */
function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS && term > ENOUGH * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** 1/(x + 1 − a − 1·(1 − a)/(x + 3 − a − 2·(2 − a)/(x + 5 − a − …))), by Lentz's method. */
function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (b + an * d);
    c = b + an / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < ENOUGH) break;
  }
  return value;
}

/** Intervals of Simpson's rule; even. */
const INTERVALS = 1024;

/** The mean of the largest of n Gamma variables of shape a and scale 1: ∫ 1 − P(a, x)ⁿ dx from 0. */
export function meanOfLargest(n: number, a: number): number {
  if (n === 1) return a;
  // Beyond it, not one of n is expected by 1e-9.
  const end = a + 8 * Math.sqrt(a) + 2 * Math.log(n) + 24;
  const width = end / INTERVALS;
  let sum = 1;
  for (let at = 1; at < INTERVALS; at++) {
    sum += (at % 2 === 0 ? 2 : 4) * (1 - gammaBelow(a, at * width) ** n);
  }
  return (sum * width) / 3;
}
