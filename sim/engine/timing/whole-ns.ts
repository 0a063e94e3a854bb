import { NS_PER_S, type Ns } from '#core/base/time.ts';

/** 2²⁷ + 1: splits a double into two halves of 26 bits, so that their products are exact. */
const SPLITTER = 134_217_729;
const HIGH_NS = highHalf(NS_PER_S);
const LOW_NS = NS_PER_S - HIGH_NS;

/** Nearer to half a nanosecond than this, the rounding of the product itself could decide. */
const DOUBTFUL = 1e-3;

/**
 * A duration in whole nanoseconds: the nearest to the exact value of the double that holds its
 * seconds, ties to even, as Rust's `Duration` rounds. Multiplying alone would round twice.
 */
export function secondsToNs(seconds: number): Ns {
  const product = seconds * NS_PER_S;
  const below = Math.floor(product);
  const beyondHalf = product - below - 0.5;
  if (Math.abs(beyondHalf) > DOUBTFUL) return Math.round(product);
  const rest = beyondHalf + productError(seconds, product);
  if (rest === 0) return below % 2 === 0 ? below : below + 1;
  return rest > 0 ? below + 1 : below;
}

/** The same of a duration in milliseconds. */
export function wholeNs(ms: number): Ns {
  return secondsToNs(ms / 1000);
}

/** What `product` lacks of seconds · 10⁹, exactly (Dekker). */
function productError(seconds: number, product: number): number {
  const high = highHalf(seconds);
  const low = seconds - high;
  return high * HIGH_NS - product + high * LOW_NS + low * HIGH_NS + low * LOW_NS;
}

function highHalf(value: number): number {
  const scaled = SPLITTER * value;
  return scaled - (scaled - value);
}
