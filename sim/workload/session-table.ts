import { growColumn } from '#core/base/columns.ts';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { RequestTable } from './request-table.ts';

/**
 * Which request follows which: the turns of a session are sent one after the other, each a think
 * time after the one before has ended. A request outside any session is its own first turn.
 *
 *     next[row]      the request of the session's next turn, −1 = none (yet)
 *     thinkNs[row]   how long after the end of the previous turn this one is sent
 */
export class SessionTable {
  next = new Int32Array(16);
  thinkNs = new Float64Array(16);
  readonly #requests: RequestTable;
  readonly #lastRow = new Map<string, number>();
  readonly #sessionOf = new Map<string, number>();
  readonly #lastTimestampMs: number[] = [];

  constructor(requests: RequestTable) {
    this.#requests = requests;
  }

  /**
   * Enters a request. Without a think time of its own (NaN), a later turn waits for as long as the
   * trace's timestamps lie apart.
   */
  append(row: number, sessionId: string | undefined, timestampMs: number, thinkNs: Ns): void {
    if (row >= this.next.length) {
      this.next = growColumn(this.next, row + 1);
      this.thinkNs = growColumn(this.thinkNs, row + 1);
    }
    this.next[row] = -1;
    this.thinkNs[row] = 0;
    if (sessionId === undefined) return;
    const previous = this.#lastRow.get(sessionId);
    const session = this.#sessionOf.get(sessionId) ?? this.#open(sessionId);
    this.#requests.session[row] = session;
    if (previous !== undefined) {
      this.next[previous] = row;
      this.#requests.turn[row] = this.#requests.turn[previous]! + 1;
      const apartNs = (timestampMs - this.#lastTimestampMs[session]!) * NS_PER_MS;
      this.thinkNs[row] = Math.round(Number.isNaN(thinkNs) ? apartNs : thinkNs);
    }
    this.#lastRow.set(sessionId, row);
    if (!Number.isNaN(timestampMs)) this.#lastTimestampMs[session] = timestampMs;
  }

  #open(sessionId: string): number {
    const session = this.#requests.sessionNames.length;
    this.#requests.sessionNames.push(sessionId);
    this.#sessionOf.set(sessionId, session);
    return session;
  }
}
