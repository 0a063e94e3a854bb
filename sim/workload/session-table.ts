import { growColumn } from '#core/base/columns.ts';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { TraceBatch } from '#traces/batch.ts';
import { StartRule } from '#traces/predecessors.ts';
import { RequestGraph } from './request-graph.ts';
import type { RequestTable } from './request-table.ts';

/**
 * Which request follows which: the turns of a session are sent one after the other, each a think
 * time after the one before has ended. A request outside any session is its own first turn. Requests
 * that name what they wait for stand in a graph beside the table, and follow no turn.
 *
 *     next[row]      the request of the session's next turn, −1 = none (yet)
 *     thinkNs[row]   how long after the end of the previous turn this one is sent
 *     waits[row]     1 = it is sent because of other requests, 0 = at a time of its own
 */
export class SessionTable {
  next = new Int32Array(16);
  thinkNs = new Float64Array(16);
  waits = new Uint8Array(16);
  /** What requests wait for by name; absent when no row of the trace names anything. */
  graph: RequestGraph | undefined;
  readonly #requests: RequestTable;
  readonly #lastRow = new Map<string, number>();
  readonly #lastTimestampMs: number[] = [];

  constructor(requests: RequestTable) {
    this.#requests = requests;
  }

  /** Enters a row of the trace as a request. */
  appendRow(row: number, batch: TraceBatch, from: number): void {
    const sessionId = batch.sessionId[from];
    const timestampMs = batch.timestampMs[from]!;
    if (batch.predecessors.rule[from] === StartRule.turn) {
      this.append(row, sessionId, timestampMs, batch.delayMs[from]! * NS_PER_MS);
      return;
    }
    this.#open(row);
    if (sessionId !== undefined) this.#join(row, sessionId);
    this.graph ??= new RequestGraph();
    this.graph.append(row, batch.requestId[from], batch.predecessors, from);
    this.waits[row] = this.graph.waits(row) ? 1 : 0;
  }

  /**
   * Enters a request as a turn. Without a think time of its own (NaN), a later turn waits for as long
   * as the trace's timestamps lie apart.
   */
  append(row: number, sessionId: string | undefined, timestampMs: number, thinkNs: Ns): void {
    this.#open(row);
    if (sessionId === undefined) return;
    const previous = this.#join(row, sessionId);
    const session = this.#requests.session[row]!;
    if (previous >= 0) {
      this.next[previous] = row;
      this.waits[row] = 1;
      const apartNs = (timestampMs - this.#lastTimestampMs[session]!) * NS_PER_MS;
      this.thinkNs[row] = Math.round(Number.isNaN(thinkNs) ? apartNs : thinkNs);
    }
    if (!Number.isNaN(timestampMs)) this.#lastTimestampMs[session] = timestampMs;
  }

  /** Enters another attempt of a request: it is sent because of the one before, and nobody follows it. */
  appendAttempt(row: number): void {
    this.#open(row);
    this.waits[row] = 1;
  }

  /** Nothing follows the end of a request any more: neither a turn nor others that wait for it. */
  abandon(row: number): void {
    this.next[row] = -1;
    this.graph?.abandon(row);
  }

  #open(row: number): void {
    if (row >= this.next.length) {
      this.next = growColumn(this.next, row + 1);
      this.thinkNs = growColumn(this.thinkNs, row + 1);
      this.waits = growColumn(this.waits, row + 1);
    }
    this.next[row] = -1;
    this.thinkNs[row] = 0;
    this.waits[row] = 0;
  }

  /** Counts a request as a turn of its session; returns the turn before, −1 = none. */
  #join(row: number, sessionId: string): number {
    const requests = this.#requests;
    const previous = this.#lastRow.get(sessionId) ?? -1;
    this.#lastRow.set(sessionId, row);
    if (previous >= 0) {
      requests.session[row] = requests.session[previous]!;
      requests.turn[row] = requests.turn[previous]! + 1;
      return previous;
    }
    requests.session[row] = requests.sessionNames.length;
    requests.sessionNames.push(sessionId);
    return -1;
  }
}
