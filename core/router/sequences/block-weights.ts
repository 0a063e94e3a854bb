import { growColumn, RowAllocator } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';

/**
 * One block, as an integer: weights are counted in 2⁻³⁰ of a block, so that their sums are exact in
 * any order and come back to zero. A target's sum is exact up to 8 million blocks.
 */
export const WHOLE_BLOCK = 2 ** 30;

/** A fraction of a block in units; rounded up, so that halves that add up to a half still round up. */
export function blockUnits(fraction: number): number {
  return Math.ceil(fraction * WHOLE_BLOCK);
}

/**
 * Prompt blocks that count for less than a block. A weight belongs to a block on a target and stays
 * with it, whoever uses it, until the block ceases to be active there.
 *
 * What changes is always a trailing part of the blocks of a node that are active on a target: new
 * ones are appended, the last ones cease, and the exclusive suffix of a prompt gets another weight.
 * So the weights of a node are a stack of runs, the last blocks on top; a pair (node, target) on
 * which every block counts whole has none.
 *
 *     #top        (node, target) → its topmost run
 *     #from[run]  first block of the run; it reaches to the run above, or to the last active block
 *     #lack[run]  what each of its blocks lacks of a whole one, in units
 *     #below[run] the run below, −1 = none
 *     #lacking[target]   what all active blocks of the target lack together, in units
 */
export class BlockWeights {
  readonly #top = new PairMap();
  readonly #rows = new RowAllocator();
  #from = new Int32Array(16);
  #lack = new Float64Array(16);
  #below = new Int32Array(16);
  #lacking = new Float64Array(16);

  /** What the active prompt blocks of the target lack of whole ones together, in units. */
  lackingOn(target: number): number {
    return target < this.#lacking.length ? this.#lacking[target]! : 0;
  }

  /** Blocks from `from` on have become active on the target, and count whole. */
  extend(node: number, target: number, from: number): void {
    const top = this.#top.get(node, target);
    if (top < 0 || this.#lack[top] === 0) return;
    this.#push(node, target, from, 0);
  }

  /** Only the first `keep` of the node's `active` blocks are still active on the target. */
  truncate(node: number, target: number, keep: number, active: number): void {
    let top = this.#top.get(node, target);
    if (top < 0) return;
    let end = active;
    while (top >= 0 && end > keep) {
      const from = Math.max(this.#from[top]!, keep);
      this.#lacking[target]! -= (end - from) * this.#lack[top]!;
      end = from;
      if (this.#from[top]! < keep) break;
      const below = this.#below[top]!;
      this.#rows.give(top);
      top = below;
    }
    if (top < 0) this.#top.delete(node, target);
    else this.#top.set(node, target, top);
  }

  /** The node's blocks from `from` to the last of its `active` ones count `units` each from now on. */
  weigh(node: number, target: number, from: number, active: number, units: number): void {
    const lack = WHOLE_BLOCK - units;
    this.truncate(node, target, from, active);
    const top = this.#top.get(node, target);
    this.#lacking = growColumn(this.#lacking, target + 1);
    this.#lacking[target]! += (active - from) * lack;
    if (top < 0 && lack === 0) return;
    if (top < 0 && from > 0) this.#push(node, target, 0, 0);
    if (top >= 0 && this.#lack[top] === lack) return;
    this.#push(node, target, from, lack);
  }

  #push(node: number, target: number, from: number, lack: number): void {
    const run = this.#rows.take();
    this.#from = growColumn(this.#from, run + 1);
    this.#lack = growColumn(this.#lack, run + 1);
    this.#below = growColumn(this.#below, run + 1);
    this.#from[run] = from;
    this.#lack[run] = lack;
    this.#below[run] = this.#top.get(node, target);
    this.#top.set(node, target, run);
  }
}
