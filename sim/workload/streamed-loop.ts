import type { Ns } from '#core/base/time.ts';
import type { ArrivalClock } from './arrivals/arrival-clock.ts';
import type { RequestLoader } from './request-loader.ts';
import type { Workload } from './workload.ts';

/**
 * An open loop that reads the trace as it goes: one request ahead of the clock, never more. For
 * traces without sessions, whose rows are in order of time.
 */
export class StreamedLoop implements Workload {
  nextArrivalNs: Ns = 0;
  readonly #loader: RequestLoader;
  readonly #clock: ArrivalClock;
  #nextRow = -1;

  constructor(loader: RequestLoader, clock: ArrivalClock) {
    this.#loader = loader;
    this.#clock = clock;
    this.#load();
  }

  take(): number {
    const row = this.#nextRow;
    this.#load();
    return row;
  }

  ended(): void {
    // Nobody waits for the end of another's request.
  }

  #load(): void {
    this.#nextRow = this.#loader.next();
    this.nextArrivalNs =
      this.#nextRow < 0
        ? Number.POSITIVE_INFINITY
        : this.#clock.arrivalNs(this.#loader.timestampMs);
  }
}
