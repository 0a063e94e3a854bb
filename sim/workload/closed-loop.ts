import type { Ns } from '#core/base/time.ts';
import { FollowUps } from './follow-ups.ts';
import type { RequestTable } from './request-table.ts';
import type { SessionTable } from './session-table.ts';
import type { Workload } from './workload.ts';

/**
 * A fixed number of users: each sends the next request of the trace (or session: the place is held
 * through its think times) the moment that its last one has ended. The trace's times are ignored.
 */
export class ClosedLoop implements Workload {
  readonly #requests: RequestTable;
  readonly #sessions: SessionTable;
  readonly #followUps = new FollowUps();
  /** First turns are sent in the order of the trace; this is the next candidate. */
  #nextRow = 0;

  /** All requests of the trace must be loaded. */
  constructor(concurrency: number, requests: RequestTable, sessions: SessionTable) {
    this.#requests = requests;
    this.#sessions = sessions;
    for (let user = 0; user < concurrency; user++) this.#sendFirstTurn(0);
  }

  get nextArrivalNs(): Ns {
    return this.#followUps.nextNs;
  }

  take(): number {
    return this.#followUps.take();
  }

  ended(row: number, nowNs: Ns): void {
    const next = this.#sessions.next[row]!;
    if (next >= 0) this.#followUps.add(next, nowNs + this.#sessions.thinkNs[next]!);
    else this.#sendFirstTurn(nowNs);
  }

  #sendFirstTurn(nowNs: Ns): void {
    const { count } = this.#requests;
    while (this.#nextRow < count && this.#sessions.waits[this.#nextRow] === 1) this.#nextRow++;
    if (this.#nextRow < count) this.#followUps.add(this.#nextRow++, nowNs);
  }
}
