import type { Ns } from '#core/base/time.ts';

/** When an engine that keeps failing is left alone, and for how long. */
export interface BreakerOptions {
  /** Failures in a row after which it opens; 0 = never. */
  readonly failures: number;
  readonly openNs: Ns;
}

/**
 * The circuit breaker before one engine. Closed, requests pass; after enough failures in a row it
 * opens, and none does; after a while it is half open, which shows in the next answer: a success
 * closes it, a failure opens it again. It knows no clock, whoever asks brings the time.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openUntilNs: Ns | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Whether requests may be sent. */
  isClosed(nowNs: Ns): boolean {
    return this.#openUntilNs === undefined || nowNs >= this.#openUntilNs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntilNs = undefined;
  }

  /** When it will be half open, if this failure opens it. */
  failed(nowNs: Ns): Ns | undefined {
    const { failures, openNs } = this.#options;
    this.#failures++;
    if (failures === 0 || this.#failures < failures) return undefined;
    if (this.#openUntilNs !== undefined && nowNs < this.#openUntilNs) return undefined;
    this.#openUntilNs = nowNs + openNs;
    return this.#openUntilNs;
  }
}
