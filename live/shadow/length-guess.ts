/** An answer of which nothing is known, of a router that has seen none. */
const FIRST_TOKENS = 128;
/** A new answer counts so much of what is known of earlier ones, once there are enough. */
const WEIGHT = 1 / 64;

/**
 * How long an answer will be. What its client says (`nvext` osl) is believed. Otherwise it is the share
 * of what is asked for at most (`max_tokens`) that answers have used so far, all of it at first; and
 * where nothing is asked for, the length that such answers have had.
 */
export class LengthGuess {
  readonly #share = new RunningMean(1);
  readonly #tokens = new RunningMean(FIRST_TOKENS);

  /** Output tokens, ≥ 1; 0 stands for what the request does not say. */
  of(hint: number, most: number): number {
    if (hint > 0) return most > 0 ? Math.min(hint, most) : hint;
    const guess = most > 0 ? most * this.#share.value : this.#tokens.value;
    return Math.max(1, Math.round(guess));
  }

  /** A whole answer was that long. */
  learn(most: number, generated: number): void {
    if (most > 0) this.#share.add(Math.min(1, generated / most));
    else this.#tokens.add(generated);
  }
}

/** A mean in which what is new counts more; of the first values it is the plain one. */
class RunningMean {
  value: number;
  #count = 0;

  constructor(first: number) {
    this.value = first;
  }

  add(value: number): void {
    this.#count++;
    this.value += (value - this.value) * Math.max(WEIGHT, 1 / this.#count);
  }
}
