import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';

/**
 * Blocks that the requests of one rank may still take until they end. Who is admitted only when its
 * prompt and all of its output fit beside these can never be short of blocks later.
 *
 *     #total[row]   blocks for the whole prompt and output of an admitted request
 */
export class CompletionReservations {
  /** Σ over admitted requests of what they may still take. */
  outstanding = 0;
  #total = new Int32Array(16);

  /** A request is admitted that will have `total` blocks in the end and has `owned` of them now. */
  admit(row: number, total: number, owned: number): void {
    assert(owned <= total, 'a request owns more blocks than it reserved');
    this.#total = growColumn(this.#total, row + 1);
    this.#total[row] = total;
    this.outstanding += total - owned;
  }

  /** Admitted requests have taken blocks. */
  take(blocks: number): void {
    this.outstanding -= blocks;
    assert(this.outstanding >= 0, 'requests took more blocks than they reserved');
  }

  /** A request has ended and owned `owned` blocks: it takes no more. */
  end(row: number, owned: number): void {
    this.outstanding -= this.#total[row]! - owned;
    assert(this.outstanding >= 0, 'a reservation was given back twice');
  }
}
