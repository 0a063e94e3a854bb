import type { Ns } from '#core/base/time.ts';
import type { PoolLinks } from './network/pool-links.ts';
import type { Transfers } from './transfers.ts';

/** Every KV cache is moved whole, once its prompt is computed, over links that others use too. */
export class LinkedTransfers implements Transfers {
  readonly #links: PoolLinks;

  constructor(links: PoolLinks) {
    this.#links = links;
  }

  get nextEndNs(): Ns {
    return this.#links.network.nextEventNs;
  }

  start(row: number, source: number, destination: number, bytes: number, nowNs: Ns): void {
    this.#links.start(row, source, destination, bytes, nowNs);
  }

  takeEnded(nowNs: Ns): number {
    return this.#links.takeEnded(nowNs);
  }
}
