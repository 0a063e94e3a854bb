import type { Ns } from '#core/base/time.ts';
import { EventQueue, Phase } from '../kernel/event-queue.ts';

/** Requests whose time to be sent is known, in order of (time, row). */
export class FollowUps {
  readonly #queue = new EventQueue();

  get nextNs(): Ns {
    return this.#queue.nextTimeNs;
  }

  add(row: number, timeNs: Ns): void {
    this.#queue.push(timeNs, Phase.admission, row, row, 0);
  }

  take(): number {
    this.#queue.pop();
    return this.#queue.subject;
  }
}
