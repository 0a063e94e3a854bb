import type { QuantileSketch } from '#core/base/sketch.ts';
import type { Ns } from '#core/base/time.ts';

/** Consecutive passes that are known in advance, counted from the first. */
export interface Leap {
  /** Duration of the first `passes` passes. */
  spanNs(passes: number): Ns;
  /** The least number of passes, at most `limit`, that last for `elapsedNs` or longer. */
  passesUntil(elapsedNs: Ns, limit: number): number;
  /** The most passes, at most `limit`, that last no longer than `roomNs`. */
  passesWithin(roomNs: Ns, limit: number): number;
  /** Adds the gaps of the first `passes` passes, one for each decoding request and pass. */
  addGaps(passes: number, sketch: QuantileSketch): void;
}
