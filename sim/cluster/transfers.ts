import type { Ns } from '#core/base/time.ts';
import type { KvTransferConfig } from '#core/config/schema.ts';
import { EventQueue, Phase } from '../kernel/event-queue.ts';

/**
 * KV caches on their way from prefill workers to decode workers. Whoever models a network decides
 * when a transfer is over, and may decide again when others begin or end.
 */
export interface Transfers {
  /** When the next transfer is over; infinite when none is under way. */
  readonly nextEndNs: Ns;
  /** A transfer of so many bytes begins, between two targets of the two pools. */
  start(row: number, source: number, destination: number, bytes: number, nowNs: Ns): void;
  /** A transfer that is over by now, by its row, −1 = none; those that end together by their start. */
  takeEnded(nowNs: Ns): number;
}

/** Every transfer moves as fast as the config says, however many there are. */
export class FixedBandwidth implements Transfers {
  readonly #bytesPerNs: number;
  readonly #queue = new EventQueue();
  #started = 0;

  /** Without a bandwidth a transfer takes no time. */
  constructor({ bandwidth_gb_s }: Pick<KvTransferConfig, 'bandwidth_gb_s'>) {
    this.#bytesPerNs = bandwidth_gb_s ?? Number.POSITIVE_INFINITY;
  }

  get nextEndNs(): Ns {
    return this.#queue.nextTimeNs;
  }

  start(row: number, _source: number, _destination: number, bytes: number, nowNs: Ns): void {
    const endNs = nowNs + Math.round(bytes / this.#bytesPerNs);
    this.#queue.push(endNs, Phase.transferCompleted, this.#started++, row, 0);
  }

  takeEnded(nowNs: Ns): number {
    const queue = this.#queue;
    if (queue.nextTimeNs > nowNs) return -1;
    queue.pop();
    return queue.subject;
  }
}
