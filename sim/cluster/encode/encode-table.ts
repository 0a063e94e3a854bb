import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER } from '../../workload/request-table.ts';

/** How far the items of a request have come. */
export const Encoding = {
  /** It has no items. */
  none: 0,
  /** In the queue of an encoder, or in its pass. */
  waiting: 1,
  /** All are encoded, and the embeddings are on their way. */
  sending: 2,
  /** The router has been asked for a worker. */
  entered: 3,
  /** Its client has left before that. */
  left: 4,
} as const;

/**
 * What became of the items of every request, a row each as in RequestTable.
 *
 *     state       Encoding
 *     encoder     that it went to, −1 = none
 *     items       distinct items that it has
 *     cached      of those, how many did not have to be encoded for it: held, or encoded for another
 *                 in the same pass
 *     looked      of those, how many have been looked for in the cache
 *     startNs     the first of them was taken into a pass, or found
 *     encodedNs   the embeddings of all of them were there
 *     enteredNs   they had been sent on, and the router was asked for a worker
 *
 * Moments are nanoseconds since the run began, NEVER where they did not come.
 */
export class EncodeTable {
  count = 0;
  state = new Uint8Array(16);
  encoder = new Int32Array(16);
  items = new Int32Array(16);
  cached = new Int32Array(16);
  looked = new Int32Array(16);
  startNs = new Float64Array(16);
  encodedNs = new Float64Array(16);
  enteredNs = new Float64Array(16);

  /** Whether a request came with items. */
  has(row: number): boolean {
    return row < this.count && this.state[row] !== Encoding.none;
  }

  /** A request has come to an encoder. */
  open(row: number, encoder: number, items: number): void {
    this.#reserve(row + 1);
    this.state[row] = Encoding.waiting;
    this.encoder[row] = encoder;
    this.items[row] = items;
  }

  /** When each request came to the router: with its embeddings, or as it arrived. */
  entries({ count, arrivalNs }: { count: number; arrivalNs: Float64Array }): Float64Array {
    const entries = arrivalNs.slice(0, count);
    for (let row = 0; row < Math.min(count, this.count); row++) {
      if (this.has(row)) entries[row] = this.enteredNs[row]!;
    }
    return entries;
  }

  /** Items of a request that nobody has looked for yet. */
  unlooked(row: number): number {
    return this.items[row]! - this.looked[row]!;
  }

  /** One item is looked for in the cache. */
  look(row: number, isCached: boolean, nowNs: Ns): void {
    if (this.startNs[row] === NEVER) this.startNs[row] = nowNs;
    this.looked[row]! += 1;
    if (isCached) this.cached[row]! += 1;
  }

  #reserve(rows: number): void {
    this.state = growColumn(this.state, rows);
    this.encoder = growColumn(this.encoder, rows);
    this.items = growColumn(this.items, rows);
    this.cached = growColumn(this.cached, rows);
    this.looked = growColumn(this.looked, rows);
    this.startNs = growColumn(this.startNs, rows);
    this.encodedNs = growColumn(this.encodedNs, rows);
    this.enteredNs = growColumn(this.enteredNs, rows);
    for (; this.count < rows; this.count++) {
      this.encoder[this.count] = -1;
      this.startNs[this.count] = NEVER;
      this.encodedNs[this.count] = NEVER;
      this.enteredNs[this.count] = NEVER;
    }
  }
}
