import { growColumn } from '#core/base/columns.ts';
import { askWorker } from './ask-worker.ts';
import type { DisaggregationParts, HandOffHost } from './disaggregation-parts.ts';
import { HandOff } from './hand-off.ts';
import type { Pool } from './pool.ts';

/**
 * Takes requests whose clients have left back from both sides of a hand-off, wherever it stands: the
 * routers forget them at once, a transfer ends, and each worker lets go of what it has when the pass
 * under way ends. A prefill worker that was asked to let go of the prompt already goes on with that.
 *
 *     #sides[row]   1 + how many of the two workers still have it, 0 = its client has not left, or
 *                   both have let go of it
 */
export class HandOffDepartures {
  readonly #host: HandOffHost;
  readonly #parts: DisaggregationParts;
  readonly #closeRow: (row: number) => void;
  #sides = new Uint8Array(16);

  /** `closeRow`: both workers are done with a request. */
  constructor(host: HandOffHost, parts: DisaggregationParts, closeRow: (row: number) => void) {
    this.#host = host;
    this.#parts = parts;
    this.#closeRow = closeRow;
  }

  /** To the routers that were asked about the request it is over. */
  forget(row: number): void {
    const { prefill, decode } = this.#parts;
    for (const pool of [prefill, decode]) {
      if (!this.#isAsked(pool, row)) continue;
      pool.free(row, this.#host.nowNs);
      this.#host.applyDecisions(pool);
    }
  }

  /** And to whoever works on it. Those who have it already in hand say so through `dropped`. */
  cancel(row: number): void {
    const { prefill, decode, handOffs, legs } = this.#parts;
    const asked = [prefill, decode].filter((pool) => this.#isAsked(pool, row));
    const state = handOffs.leave(row);
    this.#stopMoving(row, state);
    const held = asked.filter((pool) => this.#targetOf(pool, row) >= 0);
    this.#sides = growColumn(this.#sides, row + 1);
    this.#sides[row] = 1 + held.length;
    if (asked.includes(prefill) && !held.includes(prefill)) legs.letGo(row);
    if (!held.includes(decode)) this.#host.forgetPrompt(row);
    for (const pool of held) {
      askWorker('cancel', row, this.#targetOf(pool, row), pool, this.#host);
    }
    this.#closeIfDone(row);
  }

  /** A worker has let go of a request whose client had left. */
  dropped(pool: Pool, row: number): void {
    if (pool.role === 'prefill') this.#parts.legs.letGo(row);
    else this.#host.forgetPrompt(row);
    this.#sides[row]!--;
    this.#closeIfDone(row);
  }

  /** The run is over. */
  finish(): void {
    for (let row = 0; row < this.#sides.length; row++) {
      if (this.#sides[row]! > 0) this.#closeRow(row);
    }
  }

  /** A worker that is told while a request is being cancelled may have let go of it at once. */
  #closeIfDone(row: number): void {
    if (this.#sides[row] !== 1) return;
    this.#sides[row] = 0;
    this.#closeRow(row);
  }

  /** What is on its way is given up; a stream is from the moment at which its prompt has a worker. */
  #stopMoving(row: number, state: number): void {
    const { handOffs, streams, transfers } = this.#parts;
    const { nowNs } = this.#host;
    if (state === HandOff.transferring) transfers.cancel(row, nowNs);
    else if (state === HandOff.prefilling && handOffs.prefillWorker[row]! >= 0) {
      streams?.cancel(row, nowNs);
    }
  }

  #targetOf(pool: Pool, row: number): number {
    const { prefillWorker, decodeWorker } = this.#parts.handOffs;
    return pool.role === 'prefill' ? prefillWorker[row]! : decodeWorker[row]!;
  }

  /** Whether a pool has been asked for its part, and has not been told to let go of it. */
  #isAsked(pool: Pool, row: number): boolean {
    const { state, order } = this.#parts.handOffs;
    const now = state[row]!;
    if (pool.role === 'decode') return order !== 'source_first' || now !== HandOff.prefilling;
    if (now === HandOff.releasing || now === HandOff.done) return false;
    return order === 'source_first' || now !== HandOff.reserving;
  }
}
