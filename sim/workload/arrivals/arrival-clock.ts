import { NS_PER_MS, NS_PER_S, type Ns } from '#core/base/time.ts';
import type { Gaps } from './gaps.ts';
import type { RateShape } from './rate-shape.ts';

/** Gives each first turn its time of arrival, called in the order of the trace. */
export interface ArrivalClock {
  /** Infinite when the request never arrives. */
  arrivalNs(timestampMs: number): Ns;
}

/** The trace's own times, from its first one, made denser by a ratio. */
export class TraceClock implements ArrivalClock {
  readonly #speedup: number;
  #zeroMs = Number.NaN;

  constructor(speedup: number) {
    this.#speedup = speedup;
  }

  arrivalNs(timestampMs: number): Ns {
    if (Number.isNaN(this.#zeroMs)) this.#zeroMs = timestampMs;
    return Math.round(((timestampMs - this.#zeroMs) / this.#speedup) * NS_PER_MS);
  }
}

/** Evenly spaced, the first at 0; without the sum of gaps, which would drift. */
export class ConstantClock implements ArrivalClock {
  readonly #rate: number;
  #sent = 0;

  /** @param rate requests per second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  arrivalNs(): Ns {
    return Math.round((this.#sent++ / this.#rate) * NS_PER_S);
  }
}

/** A renewal process at a constant rate: gaps of one family, the first arrival at 0. */
export class RenewalClock implements ArrivalClock {
  readonly #rate: number;
  readonly #gaps: Gaps;
  #nowS = 0;

  /** @param rate requests per second. */
  constructor(rate: number, gaps: Gaps) {
    this.#rate = rate;
    this.#gaps = gaps;
  }

  arrivalNs(): Ns {
    const arrivalNs = Math.round(this.#nowS * NS_PER_S);
    this.#nowS += this.#gaps.next(this.#nowS) / this.#rate;
    return arrivalNs;
  }
}

/**
 * Arrivals at a rate that changes: gaps of mean 1 are laid end to end on a clock that runs as fast as
 * arrivals are expected, and read off on the clock of the run (time rescaling: with exponential gaps
 * this is the Poisson process of that rate, exactly).
 */
export class RescaledClock implements ArrivalClock {
  readonly #shape: RateShape;
  readonly #gaps: Gaps;
  #count = 0;
  #nowS = 0;

  constructor(shape: RateShape, gaps: Gaps) {
    this.#shape = shape;
    this.#gaps = gaps;
  }

  arrivalNs(): Ns {
    // A shape without a closed form may be off by a rounding; arrivals never go back.
    this.#nowS = Math.max(this.#nowS, this.#shape.timeS(this.#count));
    this.#count += this.#gaps.next(this.#nowS);
    return Math.round(this.#nowS * NS_PER_S);
  }
}
