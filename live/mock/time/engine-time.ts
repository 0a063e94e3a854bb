import type { Ns } from '#core/base/time.ts';

/**
 * How fast an engine's time runs against the clock's: its passes take their modelled times in engine
 * time, which may run faster (`speed`), slower, or stand still.
 */
export class EngineTime {
  #rate: number;
  #fromClockNs: Ns;
  #fromEngineNs: Ns = 0;

  /** @param rate nanoseconds of engine time in one of the clock's. */
  constructor(rate: number, nowNs: Ns) {
    this.#rate = rate;
    this.#fromClockNs = nowNs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** From now on engine time runs at another rate; 0 stops it. */
  changeRate(rate: number, nowNs: Ns): void {
    this.#fromEngineNs = this.engineNs(nowNs);
    this.#fromClockNs = nowNs;
    this.#rate = rate;
  }

  /** Engine time at a moment of the clock, whole. */
  engineNs(clockNs: Ns): Ns {
    return this.#fromEngineNs + Math.floor((clockNs - this.#fromClockNs) * this.#rate);
  }

  /** The first moment of the clock at which engine time is there; infinite while it stands still. */
  clockNs(engineNs: Ns): Ns {
    const left = engineNs - this.#fromEngineNs;
    if (left <= 0) return this.#fromClockNs;
    return this.#fromClockNs + Math.ceil(left / this.#rate);
  }
}
