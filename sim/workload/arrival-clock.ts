import type { RandomStream } from '#core/base/random.ts';
import { NS_PER_MS, NS_PER_S, type Ns } from '#core/base/time.ts';

/** Gives each first turn its time of arrival, called in the order of the trace. */
export interface ArrivalClock {
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

/** Evenly spaced, the first at 0. */
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

/** A Poisson process: exponential gaps between requests, the first at 0. */
export class PoissonClock implements ArrivalClock {
  readonly #rate: number;
  readonly #stream: RandomStream;
  #nowS = 0;

  /** @param rate requests per second. */
  constructor(rate: number, stream: RandomStream) {
    this.#rate = rate;
    this.#stream = stream;
  }

  arrivalNs(): Ns {
    const arrivalNs = Math.round(this.#nowS * NS_PER_S);
    this.#nowS += this.#stream.nextExponential() / this.#rate;
    return arrivalNs;
  }
}
