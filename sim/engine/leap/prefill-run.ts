import type { QuantileSketch } from '#core/base/sketch.ts';
import type { Ns } from '#core/base/time.ts';
import { PassShape, type TimingModel } from '../timing/timing-model.ts';
import { wholeNs } from '../timing/whole-ns.ts';

/**
 * Consecutive passes in which one long prompt takes all that decoding requests leave of the token
 * budget. Nobody can be admitted before it is through, so the passes are known in advance: chunks of
 * equal size, a prefix that grows by one each time, contexts that grow by a token.
 *
 *     #endNs[i]   end of pass i, from the start of the first
 */
export class PrefillRun {
  readonly #shape = new PassShape();
  #endNs = new Float64Array(64);
  #requests = 0;

  /** Computes `passes` passes from the shape of the first. */
  prepare(model: TimingModel, first: PassShape, passes: number): void {
    if (this.#endNs.length < passes) this.#endNs = new Float64Array(passes * 2);
    const shape = this.#shape;
    const chunk = first.prefillTokens;
    this.#requests = first.decodeRequests;
    let endNs = 0;
    for (let pass = 0; pass < passes; pass++) {
      shape.clear();
      shape.addPrefill(chunk, first.prefixTokens + pass * chunk);
      shape.decodeRequests = first.decodeRequests;
      shape.decodeContextTokens = first.decodeContextTokens + pass * first.decodeRequests;
      const decodeMs = model.decodeMs(shape.decodeRequests, shape.decodeContextTokens);
      endNs += wholeNs(model.prefillMs(shape)) + wholeNs(decodeMs);
      this.#endNs[pass] = endNs;
    }
  }

  /** Duration of the first `passes` passes. */
  spanNs(passes: number): Ns {
    return this.#endNs[passes - 1]!;
  }

  /** The least number of passes, at most `limit`, that last for `elapsedNs` or longer. */
  passesUntil(elapsedNs: Ns, limit: number): number {
    let passes = 1;
    while (passes < limit && this.#endNs[passes - 1]! < elapsedNs) passes++;
    return passes;
  }

  /** The most passes, at most `limit`, that last no longer than `roomNs`. */
  passesWithin(roomNs: Ns, limit: number): number {
    let passes = 0;
    while (passes < limit && this.#endNs[passes]! <= roomNs) passes++;
    return passes;
  }

  /** Adds the gaps of the first `passes` passes, one for each decoding request and pass. */
  addGaps(passes: number, sketch: QuantileSketch): void {
    let beforeNs = 0;
    for (let pass = 0; pass < passes; pass++) {
      sketch.add(this.#endNs[pass]! - beforeNs, this.#requests);
      beforeNs = this.#endNs[pass]!;
    }
  }
}
