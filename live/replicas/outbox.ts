import { msToNs } from '#core/base/time.ts';
import type { Timers } from '../clock.ts';
import type { ReplicaEvent } from './replica-event.ts';
import type { ReplicaLink } from './replica-link.ts';

/** Most events that wait, as Dynamo has it: what comes then is dropped. */
const MOST_WAITING = 100_000;
/** How long events gather for one message. */
const GATHER_MS = 1;

/**
 * What is still to be told to others. Nobody waits for it: events gather for a moment and leave
 * together, and those for which there is no room are dropped and counted.
 */
export class Outbox {
  /** Events handed to the link, and events that were not. */
  sent = 0;
  dropped = 0;
  readonly #link: ReplicaLink;
  readonly #timers: Timers;
  #waiting: ReplicaEvent[] = [];
  #cancelTimer: (() => void) | undefined;
  #isSending = false;
  #sent: Promise<void> = Promise.resolve();

  constructor(link: ReplicaLink, timers: Timers) {
    this.#link = link;
    this.#timers = timers;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  push(event: ReplicaEvent): void {
    if (this.#waiting.length === MOST_WAITING) {
      this.dropped++;
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length >= this.#link.batch) this.wake();
    else this.#cancelTimer ??= this.#timers.after(msToNs(GATHER_MS), () => this.wake());
  }

  /** Sends what waits, where the link takes it. */
  wake(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sent = this.#send();
  }

  /** Sends the rest; what the link does not take is dropped. */
  async close(): Promise<void> {
    this.wake();
    await this.#sent;
    this.dropped += this.#waiting.length;
    this.#waiting = [];
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0 && this.#link.isReady) {
      const all = this.#waiting;
      this.#waiting = [];
      for (let from = 0; from < all.length; from += this.#link.batch) {
        await this.#sendBatch(all.slice(from, from + this.#link.batch));
      }
    }
    // In one go with the last look at what waits, so that nothing is left behind.
    this.#isSending = false;
  }

  async #sendBatch(batch: readonly ReplicaEvent[]): Promise<void> {
    try {
      await this.#link.send(batch);
      this.sent += batch.length;
    } catch {
      this.dropped += batch.length;
    }
  }
}
