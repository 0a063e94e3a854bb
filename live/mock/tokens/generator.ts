/** What the model would say is drawn from these words. */
const FIRST = 1_000;
const WORDS = 4_000;

const GOLDEN = 0x9e37_79b1;

/**
 * A model that says what follows from all tokens before: equal contexts go on alike, and a prompt
 * together with the beginning of its answer goes on with the rest of it.
 */
export class Generator {
  #state: number;
  readonly #variant: number;

  /** @param variant tells several answers to one prompt apart; 0 = the likeliest. */
  constructor(prompt: Iterable<number>, variant = 0) {
    this.#state = 0;
    this.#variant = Math.imul(variant, 0x85eb_ca6b);
    for (const token of prompt) this.#take(token);
  }

  /** The next token, which is part of the context from now on. */
  next(): number {
    const token = FIRST + (mixed(this.#state ^ this.#variant) % WORDS);
    this.#take(token);
    return token;
  }

  #take(token: number): void {
    const state = Math.imul(this.#state ^ token, GOLDEN);
    this.#state = (state ^ (state >>> 15)) + token;
  }
}

/** Spreads 32 bits over 32 unsigned ones. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
