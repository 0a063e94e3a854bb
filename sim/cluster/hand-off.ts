import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER } from '../workload/request-table.ts';

/** Which of the two comes first: the prompt on the prefill worker, or room on the decode worker. */
export type HandOffOrder = 'source_first' | 'destination_first';

/** How far the hand-off of a request has come. */
export const HandOff = {
  /** It has none. */
  none: 0,
  /** The prompt is waited for: in the router's queue, in a worker's, or being computed. */
  prefilling: 1,
  /** Room on a decode worker is waited for. */
  reserving: 2,
  /** The KV cache is on its way. */
  transferring: 3,
  /** It has arrived, and the decode worker is in a pass. */
  activating: 4,
  /** The request decodes, and the prefill worker that still holds the prompt is in a pass. */
  releasing: 5,
  done: 6,
  /** The request has been turned away, or its client has left before it decoded. */
  failed: 7,
} as const;

/**
 * The hand-off of every request, a row each as in RequestTable.
 *
 *     source_first       prefilling → reserving → transferring → activating → releasing → done
 *     destination_first  reserving → prefilling → transferring → activating → releasing → done
 *
 *     state             HandOff
 *     prefillWorker     target of the prefill pool that computed the prompt, −1 = none
 *     decodeWorker      target of the decode pool, −1 = none
 *     prefillRoutedNs   left the queue of each router
 *     decodeRoutedNs
 *     prefillAdmitNs    first entered the batch of a worker of each pool
 *     decodeAdmitNs
 *     sourceHeldNs      the prompt was computed
 *     reservedNs        its blocks were set aside on the decode worker
 *     transferNs        the transfer began
 *     transferredNs     and ended
 *     activatedNs       the request joined the decode worker's batch
 *     releasedNs        the prefill worker let go of the prompt
 *     transferBytes     what was moved
 *     #promised         tokens of the prompt that a prefill worker would compute
 *     verdict           why it has a hand-off, or none: a code of VERDICTS + 1, 0 = nobody asked
 *
 * Moments are nanoseconds since the run began, NEVER where they did not come.
 */
export class HandOffTable {
  readonly order: HandOffOrder;
  /** Each request is asked whether it has one. */
  readonly asks: boolean;
  count = 0;
  /** Requests that have yet to come to the prefill pool, since room comes first, and their tokens. */
  promisedRequests = 0;
  promisedTokens = 0;
  state = new Uint8Array(16);
  prefillWorker = new Int32Array(16);
  decodeWorker = new Int32Array(16);
  prefillRoutedNs = new Float64Array(16);
  decodeRoutedNs = new Float64Array(16);
  prefillAdmitNs = new Float64Array(16);
  decodeAdmitNs = new Float64Array(16);
  sourceHeldNs = new Float64Array(16);
  reservedNs = new Float64Array(16);
  transferNs = new Float64Array(16);
  transferredNs = new Float64Array(16);
  activatedNs = new Float64Array(16);
  releasedNs = new Float64Array(16);
  transferBytes = new Float64Array(16);
  verdict = new Uint8Array(16);
  #promised = new Float64Array(16);

  constructor(order: HandOffOrder, asks = false) {
    this.order = order;
    this.asks = asks;
  }

  /** Code of VERDICTS on where the prompt is computed, −1 = nobody asked. */
  verdictOf(row: number): number {
    return row < this.count ? this.verdict[row]! - 1 : -1;
  }

  /** It is asked where the prompt is computed, of which a prefill worker would compute so many tokens. */
  asked(row: number, prefillTokens: number): void {
    this.reserve(row + 1);
    this.#promised[row] = prefillTokens;
  }

  /** It was asked where the prompt of the request is computed. */
  judged(row: number, verdict: number): void {
    this.reserve(row + 1);
    this.verdict[row] = verdict + 1;
  }

  /** Whether the request goes from a prefill worker to a decode worker. */
  has(row: number): boolean {
    return row < this.count && this.state[row] !== HandOff.none;
  }

  /** The hand-off of a request that has arrived begins with its first step. */
  open(row: number): void {
    this.reserve(row + 1);
    this.state[row] = this.order === 'source_first' ? HandOff.prefilling : HandOff.reserving;
    if (this.order === 'source_first') return;
    this.promisedRequests++;
    this.promisedTokens += this.#promised[row]!;
  }

  /** The prompt is there; true when the transfer may begin, false when room is to be asked for. */
  sourceHeld(row: number, nowNs: Ns): boolean {
    this.sourceHeldNs[row] = nowNs;
    if (this.order === 'source_first') {
      this.#step(row, HandOff.prefilling, HandOff.reserving);
      return false;
    }
    this.#step(row, HandOff.prefilling, HandOff.transferring);
    return true;
  }

  /** Room is there; true when the transfer may begin, false when the prompt is to be computed. */
  reserved(row: number, nowNs: Ns): boolean {
    this.reservedNs[row] = nowNs;
    if (this.order === 'source_first') {
      this.#step(row, HandOff.reserving, HandOff.transferring);
      return true;
    }
    this.#settle(row);
    this.#step(row, HandOff.reserving, HandOff.prefilling);
    return false;
  }

  transferred(row: number, nowNs: Ns): void {
    this.transferredNs[row] = nowNs;
    this.#step(row, HandOff.transferring, HandOff.activating);
  }

  activated(row: number, nowNs: Ns): void {
    this.activatedNs[row] = nowNs;
    this.#step(row, HandOff.activating, HandOff.releasing);
  }

  /** The prompt is let go of: the last step, or the end of a request that was turned away. */
  released(row: number, nowNs: Ns): void {
    this.releasedNs[row] = nowNs;
    if (this.state[row] === HandOff.failed) return;
    this.#step(row, HandOff.releasing, HandOff.done);
  }

  /** The request was turned away; returns the state in which that happened. */
  fail(row: number): number {
    const state = this.state[row]!;
    assert(state === HandOff.prefilling || state === HandOff.reserving, 'too late to turn away');
    this.#settle(row);
    this.state[row] = HandOff.failed;
    return state;
  }

  /** Whether it was turned away, or its client has left before it decoded. */
  hasFailed(row: number): boolean {
    return this.state[row] === HandOff.failed;
  }

  /** Its client has left; returns the state in which that happened. What is being let go of goes on. */
  leave(row: number): number {
    const state = this.state[row]!;
    this.#settle(row);
    if (state < HandOff.releasing) this.state[row] = HandOff.failed;
    return state;
  }

  /** A request that waits for room before its prefill waits for it no more. */
  #settle(row: number): void {
    if (this.order === 'source_first' || this.state[row] !== HandOff.reserving) return;
    this.promisedRequests--;
    this.promisedTokens -= this.#promised[row]!;
  }

  #step(row: number, from: number, to: number): void {
    assert(this.state[row] === from, 'a step of a hand-off is out of turn');
    this.state[row] = to;
  }

  /** Makes room for so many rows, in which nothing has happened yet. */
  reserve(rows: number): void {
    if (rows > this.state.length) this.#grow(rows);
    for (; this.count < rows; this.count++) {
      const row = this.count;
      this.prefillWorker[row] = -1;
      this.decodeWorker[row] = -1;
      for (const column of this.#moments()) column[row] = NEVER;
    }
  }

  #moments(): readonly Float64Array[] {
    const { prefillRoutedNs, decodeRoutedNs, prefillAdmitNs, decodeAdmitNs, sourceHeldNs } = this;
    const { reservedNs, transferNs, transferredNs, activatedNs, releasedNs } = this;
    const routed = [prefillRoutedNs, decodeRoutedNs, prefillAdmitNs, decodeAdmitNs, sourceHeldNs];
    return [...routed, reservedNs, transferNs, transferredNs, activatedNs, releasedNs];
  }

  #grow(rows: number): void {
    this.state = growColumn(this.state, rows);
    this.#promised = growColumn(this.#promised, rows);
    this.verdict = growColumn(this.verdict, rows);
    this.prefillWorker = growColumn(this.prefillWorker, rows);
    this.decodeWorker = growColumn(this.decodeWorker, rows);
    this.prefillRoutedNs = growColumn(this.prefillRoutedNs, rows);
    this.decodeRoutedNs = growColumn(this.decodeRoutedNs, rows);
    this.prefillAdmitNs = growColumn(this.prefillAdmitNs, rows);
    this.decodeAdmitNs = growColumn(this.decodeAdmitNs, rows);
    this.sourceHeldNs = growColumn(this.sourceHeldNs, rows);
    this.reservedNs = growColumn(this.reservedNs, rows);
    this.transferNs = growColumn(this.transferNs, rows);
    this.transferredNs = growColumn(this.transferredNs, rows);
    this.activatedNs = growColumn(this.activatedNs, rows);
    this.releasedNs = growColumn(this.releasedNs, rows);
    this.transferBytes = growColumn(this.transferBytes, rows);
  }
}
