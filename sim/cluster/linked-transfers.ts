import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { PoolLinks } from './network/pool-links.ts';
import type { Transfers } from './transfers.ts';

/**
 * Every KV cache is moved whole, once its prompt is computed, over links that others use too.
 *
 *     #flow[row]   the flow that moves the KV cache of a request
 */
export class LinkedTransfers implements Transfers {
  readonly #links: PoolLinks;
  #flow = new Int32Array(16);

  constructor(links: PoolLinks) {
    this.#links = links;
  }

  get nextEndNs(): Ns {
    return this.#links.network.nextEventNs;
  }

  start(row: number, source: number, destination: number, bytes: number, nowNs: Ns): void {
    this.#flow = growColumn(this.#flow, row + 1);
    this.#flow[row] = this.#links.start(row, source, destination, bytes, nowNs);
  }

  cancel(row: number, nowNs: Ns): void {
    this.#links.network.cancel(this.#flow[row]!, nowNs);
  }

  takeEnded(nowNs: Ns): number {
    return this.#links.takeEnded(nowNs);
  }
}
