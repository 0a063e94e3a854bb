import { type Expected, isSpread } from '../golden.ts';

/** A mean time to the first token from which on most of it is waiting, milliseconds. */
const LONG_WAIT_MS = 1000;

/**
 * Whether requests queue for long in a case, so that one difference moves everything after it. The
 * peer does not print how long requests wait, but a prompt of these traces takes less than half a
 * second on average when nobody is before it.
 */
export function isSaturated(theirs: Readonly<Record<string, Expected>>): boolean {
  const ttft = theirs.mean_ttft_ms;
  const mean = isSpread(ttft) ? ttft.mean : ttft;
  return typeof mean === 'number' && mean > LONG_WAIT_MS;
}
