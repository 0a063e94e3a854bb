import type { Ns } from '#core/base/time.ts';
import type { Workload } from './workload.ts';

/** Sends nothing from a moment on, neither first nor later turns. */
export class TimeLimit implements Workload {
  readonly #inner: Workload;
  readonly #endNs: Ns;

  constructor(inner: Workload, endNs: Ns) {
    this.#inner = inner;
    this.#endNs = endNs;
  }

  get nextArrivalNs(): Ns {
    const nextNs = this.#inner.nextArrivalNs;
    return nextNs < this.#endNs ? nextNs : Number.POSITIVE_INFINITY;
  }

  take(nowNs: Ns): number {
    return this.#inner.take(nowNs);
  }

  ended(row: number, nowNs: Ns): void {
    this.#inner.ended(row, nowNs);
  }
}
