import type { Ns } from '#core/base/time.ts';

/** How the tokens of an answer have come out. */
export class TokenProgress {
  tokens = 0;
  #firstNs: Ns = 0;
  #lastNs: Ns = 0;

  /** So many more have come. */
  came(tokens: number, atNs: Ns): void {
    if (this.tokens === 0) this.#firstNs = atNs;
    this.#lastNs = atNs;
    this.tokens += tokens;
  }

  /**
   * When it has had so many, or would have: those between the first and the last, and those to come, are
   * taken to be as far from each other on average. Undefined where that cannot be told.
   */
  reached(tokens: number): Ns | undefined {
    if (this.tokens === 0 || tokens === 0) return undefined;
    if (tokens === this.tokens) return this.#lastNs;
    if (this.tokens === 1) return undefined;
    const gapNs = (this.#lastNs - this.#firstNs) / (this.tokens - 1);
    return Math.round(this.#firstNs + (tokens - 1) * gapNs);
  }
}
