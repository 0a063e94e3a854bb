import type { QuantileSketch } from '#core/base/sketch.ts';
import type { Ns } from '#core/base/time.ts';
import type { PassTime } from '../timing/pass-time.ts';
import { PassShape } from '../timing/timing-model.ts';
import type { Leap } from './leap.ts';

/**
 * Consecutive passes whose durations have no closed form but are known in advance: the chunks of one
 * long prompt, which takes all that decoding requests leave of the token budget, and the passes that
 * several ranks take together, each as long as its slowest. From pass to pass a rank's prompt goes on
 * by a chunk of equal size and each of its contexts grows by a token.
 *
 *     #endNs[i]   end of pass i, from the start of the first
 */
export class SteppedRun implements Leap {
  readonly #shape = new PassShape();
  #endNs = new Float64Array(64);
  #requests = 0;

  /** Computes `passes` passes from the shapes of the first, one of each rank that takes part. */
  prepare(time: PassTime, first: readonly PassShape[], passes: number): void {
    if (this.#endNs.length < passes) this.#endNs = new Float64Array(passes * 2);
    this.#requests = 0;
    for (let rank = 0; rank < first.length; rank++) this.#requests += first[rank]!.decodeRequests;
    let endNs = 0;
    for (let pass = 0; pass < passes; pass++) {
      let slowestNs = 0;
      for (let rank = 0; rank < first.length; rank++) {
        slowestNs = Math.max(slowestNs, this.#durationNs(time, first[rank]!, pass));
      }
      endNs += slowestNs;
      this.#endNs[pass] = endNs;
    }
  }

  spanNs(passes: number): Ns {
    return this.#endNs[passes - 1]!;
  }

  passesUntil(elapsedNs: Ns, limit: number): number {
    let passes = 1;
    while (passes < limit && this.#endNs[passes - 1]! < elapsedNs) passes++;
    return passes;
  }

  passesWithin(roomNs: Ns, limit: number): number {
    let passes = 0;
    while (passes < limit && this.#endNs[passes]! <= roomNs) passes++;
    return passes;
  }

  addGaps(passes: number, sketch: QuantileSketch): void {
    if (this.#requests === 0) return;
    let beforeNs = 0;
    for (let pass = 0; pass < passes; pass++) {
      sketch.add(this.#endNs[pass]! - beforeNs, this.#requests);
      beforeNs = this.#endNs[pass]!;
    }
  }

  #durationNs(time: PassTime, first: PassShape, pass: number): Ns {
    const shape = this.#shape;
    const chunk = first.prefillTokens;
    shape.clear();
    if (chunk > 0) shape.addPrefill(chunk, first.prefixTokens + pass * chunk);
    shape.decodeRequests = first.decodeRequests;
    shape.otherTokens = first.otherTokens;
    shape.decodeContextTokens = first.decodeContextTokens + pass * first.decodeRequests;
    return time.ofPass(shape);
  }
}
