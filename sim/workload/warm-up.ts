import type { Ns } from '#core/base/time.ts';
import type { RequestTable } from './request-table.ts';
import type { Workload } from './workload.ts';

/** Which requests warm the cluster up: the first so many, and those before a moment. */
export interface WarmUpOptions {
  readonly requests: number;
  readonly untilNs: Ns;
}

/** What warmed a cluster up. */
export interface WarmUpFacts {
  /** Requests that arrived as part of it. */
  readonly requests: number;
  /** The arrival of the first request that counts; infinite when none came. */
  readonly endNs: Ns;
}

/** Marks the requests that are flown to warm the cluster up, in the order in which they arrive. */
export class WarmUp implements Workload {
  readonly #inner: Workload;
  readonly #options: WarmUpOptions;
  readonly #table: RequestTable;
  readonly #onEnd: () => void;
  #marked = 0;
  #endNs: Ns = Number.POSITIVE_INFINITY;

  /** @param onEnd called once, before the first request that counts is sent. */
  constructor(inner: Workload, options: WarmUpOptions, table: RequestTable, onEnd: () => void) {
    this.#inner = inner;
    this.#options = options;
    this.#table = table;
    this.#onEnd = onEnd;
  }

  get facts(): WarmUpFacts {
    return { requests: this.#marked, endNs: this.#endNs };
  }

  get nextArrivalNs(): Ns {
    return this.#inner.nextArrivalNs;
  }

  take(nowNs: Ns): number {
    const row = this.#inner.take(nowNs);
    if (this.#endNs !== Number.POSITIVE_INFINITY) return row;
    if (this.#marked < this.#options.requests || nowNs < this.#options.untilNs) {
      this.#table.warmup[row] = 1;
      this.#marked++;
    } else {
      this.#endNs = nowNs;
      this.#onEnd();
    }
    return row;
  }

  ended(row: number, nowNs: Ns): void {
    this.#inner.ended(row, nowNs);
  }
}
