/** How a level follows what is measured. */
export interface LevelLaw {
  /** Part of the error, in logarithms, that one move takes back: 0 … 1. */
  readonly gain: number;
  /** No move changes the level by more than this factor. */
  readonly largestStep: number;
  /** A level at rest begins to move when the measurement is off by more than this factor. */
  readonly wakesAt: number;
  /** A moving level comes to rest when it is off by less than this factor. */
  readonly restsAt: number;
}

/** Stable for every load whose elasticity stays below 3, see the README. */
export const LEVEL_LAW: LevelLaw = { gain: 0.5, largestStep: 2, wakesAt: 1.2, restsAt: 1.05 };

/**
 * A positive level that follows measurements: an integrator of their logarithmic error with a bounded
 * step, a dead band and hysteresis. A measurement that stays is reached within the inner band, in
 * steps that all go one way, and the level then rests until the measurement leaves the outer band.
 */
export class TrackedLevel {
  readonly #law: LevelLaw;
  readonly #most: number;
  #value = 1;
  #isMoving = false;

  /** Begins at 1, which is also the least. */
  constructor(most: number, law: LevelLaw = LEVEL_LAW) {
    this.#most = most;
    this.#law = law;
  }

  get value(): number {
    return this.#value;
  }

  /** Follows a measurement, of which anything below 1 counts as 1. */
  follow(measured: number): void {
    const { gain, largestStep, wakesAt, restsAt } = this.#law;
    const target = Math.min(this.#most, Math.max(1, measured));
    const error = Math.log(target / this.#value);
    this.#isMoving = Math.abs(error) > Math.log(this.#isMoving ? restsAt : wakesAt);
    if (!this.#isMoving) return;
    const bound = Math.log(largestStep);
    const step = Math.min(bound, Math.max(-bound, gain * error));
    this.#value = Math.min(this.#most, Math.max(1, this.#value * Math.exp(step)));
  }
}
