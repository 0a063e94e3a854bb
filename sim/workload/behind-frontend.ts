import { openStream, type RandomStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';
import type { Workload } from './workload.ts';

/**
 * Clients on the other side of the frontend: an answer has to reach its client, and what the client
 * sends then has to reach the router, which takes `frontendNs` on average. Whoever waits for an answer
 * before sending the next request therefore comes while a pass is under way, not in time for it, and
 * those whose answers ended together do not come together again: waits are uniform from 0 to twice
 * their mean.
 */
export class BehindFrontend implements Workload {
  readonly #inner: Workload;
  readonly #frontendNs: Ns;
  readonly #waits: RandomStream;

  constructor(inner: Workload, frontendNs: Ns, seed: number) {
    this.#inner = inner;
    this.#frontendNs = frontendNs;
    this.#waits = openStream(seed, 'workload.frontend');
  }

  get nextArrivalNs(): Ns {
    return this.#inner.nextArrivalNs;
  }

  take(nowNs: Ns): number {
    return this.#inner.take(nowNs);
  }

  ended(row: number, nowNs: Ns): void {
    const waitNs = Math.round(2 * this.#frontendNs * this.#waits.nextFloat());
    this.#inner.ended(row, nowNs + waitNs);
  }
}
