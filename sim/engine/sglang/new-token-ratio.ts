/** Decode passes in which the ratio falls from where it begins to its least. */
const DECAY_PASSES = 600;

/** Passes that a retraction is to be good for. */
const PASSES_AHEAD = 20;

/**
 * The share of its output to come for which a decoding request counts when others ask for room. It
 * falls with every decode pass, and rises when requests had to be retracted.
 */
export class NewTokenRatio {
  readonly #least: number;
  readonly #decay: number;
  #base: number;
  #passes = 0;

  constructor(first: number, least: number) {
    this.#least = least;
    this.#decay = (first - least) / DECAY_PASSES;
    this.#base = first;
  }

  get value(): number {
    return this.after(0);
  }

  /** What it will be after so many decode passes more. */
  after(passes: number): number {
    return Math.max(this.#least, this.#base - (this.#passes + passes) * this.#decay);
  }

  /** So many decode passes have ended in which nobody was retracted. */
  decay(passes: number): void {
    this.#passes += passes;
  }

  /** Requests were retracted: `requests` are left, with `generated` of `target` tokens. */
  raise(requests: number, generated: number, target: number): void {
    this.#base = Math.min(1, (generated + PASSES_AHEAD * requests) / (target + 1));
    this.#passes = 0;
  }
}
