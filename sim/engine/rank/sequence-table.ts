import { growColumn } from '#core/base/columns.ts';
import { Leg } from './leg.ts';

/**
 * What the scheduler knows of each request; a row is a request, the same as in RequestTable.
 *
 *     known tokens  ├──────── prompt ────────┼── generated ──┤
 *     computed      ├────────────────────┤                       KV entries that exist
 *
 *     target[row]      output tokens after which it is finished
 *     unwanted[row]    tokens that it asked for beyond those: its client will not wait for them
 *     abandoned[row]   1 = its client has gone; it leaves when the pass under way ends
 *     generated[row]   output tokens so far; exact while it waits or prefills, see DecodeBatch else
 *     order[row]       larger for those that the worker admitted later, or again later
 *     joined[row]      larger for those that joined a queue later
 *     owned[row]       blocks that it has; exact when it leaves the batch
 *     held[row]        leading tokens that its worker held when it joined the queue, could not come in,
 *                      or was preempted; 0 for a request that the next pass may take
 *     touched[row]     when it inserted blocks into a cache of which that is the order, 0 = not yet
 *     computed[row]    known tokens whose KV entries exist; exact while it waits or prefills
 *     pausedNs[row]    its last token, where it is not in the batch or has just come back to it
 *     leg[row]         Leg: where it stands between two workers
 *     missing[row]     tokens, in whole blocks, that it did not find cached as it reserved
 */
export class SequenceTable {
  target = new Int32Array(16);
  generated = new Int32Array(16);
  computed = new Int32Array(16);
  owned = new Int32Array(16);
  held = new Int32Array(16);
  order = new Int32Array(16);
  touched = new Float64Array(16);
  unwanted = new Int32Array(16);
  abandoned = new Uint8Array(16);
  pausedNs = new Float64Array(16);
  leg = new Uint8Array(16);
  missing = new Int32Array(16);
  joined = new Int32Array(16);
  #opened = 0;

  /** `wanted`: what it asks for, at least `target`. */
  open(row: number, target: number, wanted: number = target): void {
    if (row >= this.target.length) {
      this.target = growColumn(this.target, row + 1);
      this.generated = growColumn(this.generated, row + 1);
      this.computed = growColumn(this.computed, row + 1);
      this.owned = growColumn(this.owned, row + 1);
      this.held = growColumn(this.held, row + 1);
      this.order = growColumn(this.order, row + 1);
      this.touched = growColumn(this.touched, row + 1);
      this.unwanted = growColumn(this.unwanted, row + 1);
      this.abandoned = growColumn(this.abandoned, row + 1);
      this.pausedNs = growColumn(this.pausedNs, row + 1);
      this.leg = growColumn(this.leg, row + 1);
      this.missing = growColumn(this.missing, row + 1);
      this.joined = growColumn(this.joined, row + 1);
    }
    this.target[row] = target;
    this.generated[row] = 0;
    this.computed[row] = 0;
    this.held[row] = 0;
    this.touched[row] = 0;
    this.unwanted[row] = wanted - target;
    this.abandoned[row] = 0;
    this.leg[row] = Leg.none;
    this.joined[row] = this.#opened++;
  }
}
