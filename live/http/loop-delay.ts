import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const WINDOW_MS = 10_000;

/** How long things waited for the process's one thread, milliseconds. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const NONE: LoopDelay = { p50: 0, p99: 0, max: 0 };

/** Measures how long the event loop is held up, in windows of ten seconds. */
export class LoopDelayMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #turn: NodeJS.Timeout;
  #before = NONE;

  constructor() {
    this.#histogram.enable();
    this.#turn = setInterval(() => {
      this.#before = this.#now();
      this.#histogram.reset();
    }, WINDOW_MS).unref();
  }

  /** The worse of this window and the one before: what has happened in the last 10 to 20 seconds. */
  read(): LoopDelay {
    const now = this.#now();
    return {
      p50: Math.max(now.p50, this.#before.p50),
      p99: Math.max(now.p99, this.#before.p99),
      max: Math.max(now.max, this.#before.max),
    };
  }

  stop(): void {
    clearInterval(this.#turn);
    this.#histogram.disable();
  }

  /** The timer's own period is taken off. */
  #now(): LoopDelay {
    if (this.#histogram.count === 0) return NONE;
    const ms = (ns: number): number => Math.max(0, Math.round(ns / 1e4) / 100 - RESOLUTION_MS);
    const { max } = this.#histogram;
    return {
      p50: ms(this.#histogram.percentile(50)),
      p99: ms(this.#histogram.percentile(99)),
      max: ms(max),
    };
  }
}
