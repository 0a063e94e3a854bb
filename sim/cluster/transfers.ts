import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { Ns } from '#core/base/time.ts';
import type { KvTransferConfig } from '#core/config/schema.ts';

/**
 * KV caches on their way from prefill workers to decode workers. Whoever models a network decides
 * when a transfer is over, and may decide again when others begin or end.
 */
export interface Transfers {
  /** When the next transfer is over; infinite when none is under way. */
  readonly nextEndNs: Ns;
  /** A transfer of so many bytes begins, between two targets of the two pools. */
  start(row: number, source: number, destination: number, bytes: number, nowNs: Ns): void;
  /** A transfer that is under way is given up. */
  cancel(row: number, nowNs: Ns): void;
  /** A transfer that is over by now, by its row, −1 = none; those that end together by their start. */
  takeEnded(nowNs: Ns): number;
}

/** Every transfer moves as fast as the config says, however many there are. */
export class FixedBandwidth implements Transfers {
  readonly #bytesPerNs: number;
  /** Rows by the ends of their transfers. */
  readonly #ends = new IndexedHeap();
  #started = 0;

  /** Without a bandwidth a transfer takes no time. */
  constructor({ bandwidth_gb_s }: Pick<KvTransferConfig, 'bandwidth_gb_s'>) {
    this.#bytesPerNs = bandwidth_gb_s ?? Number.POSITIVE_INFINITY;
  }

  get nextEndNs(): Ns {
    return this.#ends.size === 0 ? Number.POSITIVE_INFINITY : this.#ends.firstKey;
  }

  start(row: number, _source: number, _destination: number, bytes: number, nowNs: Ns): void {
    this.#ends.push(row, nowNs + Math.round(bytes / this.#bytesPerNs), this.#started++);
  }

  cancel(row: number): void {
    this.#ends.remove(row);
  }

  takeEnded(nowNs: Ns): number {
    return this.nextEndNs > nowNs ? -1 : this.#ends.pop();
  }
}
