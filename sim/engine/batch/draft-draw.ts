import type { RandomStream } from '#core/base/random.ts';

/** Draws how many draft tokens a pass accepts, for one request after the other. */
export class DraftDraw {
  readonly #acceptance: readonly number[];
  readonly #stream: RandomStream;

  /** `acceptance`: for each draft, the probability that it is accepted when all before it were. */
  constructor(acceptance: readonly number[], stream: RandomStream) {
    this.#acceptance = acceptance;
    this.#stream = stream;
  }

  /** Drafts that a pass verifies for a request. */
  get count(): number {
    return this.#acceptance.length;
  }

  /**
   * Output tokens of a request's next burst: the accepted drafts up to the first that is not, and the
   * token that the pass itself computes. What is certain is not drawn.
   */
  nextBurst(): number {
    let accepted = 0;
    while (accepted < this.count) {
      const probability = this.#acceptance[accepted]!;
      if (probability <= 0 || (probability < 1 && this.#stream.nextFloat() >= probability)) break;
      accepted++;
    }
    return 1 + accepted;
  }
}
