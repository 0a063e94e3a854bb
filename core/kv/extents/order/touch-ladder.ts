import { growColumn, RowAllocator } from '#core/base/columns.ts';

/**
 * When the blocks of a residency were touched last. Whoever touches a block touches all before it,
 * so times never rise with depth, and a few steps tell them all.
 *
 *     time  ████
 *           ████████████
 *           ████████████████████      blocks
 *
 *     #first[row]     its steps, the longest first, −1 = none
 *     #length[step]   blocks that were touched together
 *     #time[step]     when; greater with each shorter step
 *     #next[step]     the next shorter one, −1 = none
 */
export class TouchLadder {
  #first = new Int32Array(16).fill(-1);
  #length = new Int32Array(16);
  #time = new Float64Array(16);
  #next = new Int32Array(16);
  readonly #rows = new RowAllocator();

  /** A residency begins anew, touched never. */
  open(row: number): void {
    const before = this.#first.length;
    if (row >= before) this.#first = growColumn(this.#first, row + 1).fill(-1, before);
    let step = this.#first[row]!;
    for (; step >= 0; step = this.#next[step]!) this.#rows.give(step);
    this.#first[row] = -1;
  }

  /** The first `length` blocks are touched; no effect on those that were touched later. */
  touch(row: number, length: number, time: number): void {
    let before = -1;
    let at = this.#first[row]!;
    while (at >= 0 && this.#length[at]! >= length) {
      if (this.#time[at]! >= time) return;
      if (this.#length[at] === length) break;
      before = at;
      at = this.#next[at]!;
    }
    while (at >= 0 && this.#time[at]! <= time) {
      this.#rows.give(at);
      at = this.#next[at]!;
    }
    const step = this.#rows.take();
    this.#length = growColumn(this.#length, step + 1);
    this.#time = growColumn(this.#time, step + 1);
    this.#next = growColumn(this.#next, step + 1);
    this.#length[step] = length;
    this.#time[step] = time;
    this.#next[step] = at;
    if (before >= 0) this.#next[before] = step;
    else this.#first[row] = step;
  }

  /** When the last of the first `blocks` blocks was touched. */
  timeOf(row: number, blocks: number): number {
    let time = 0;
    for (let at = this.#first[row]!; at >= 0; at = this.#next[at]!) {
      if (this.#length[at]! < blocks) break;
      time = this.#time[at]!;
    }
    return time;
  }

  /** How many of the first `blocks` blocks were touched later than the last of them. */
  laterWithin(row: number, blocks: number): number {
    let at = this.#first[row]!;
    while (at >= 0 && this.#length[at]! >= blocks) at = this.#next[at]!;
    return at < 0 ? 0 : this.#length[at]!;
  }

  /** Forgets all but the first `blocks` blocks. */
  cut(row: number, blocks: number): void {
    const time = blocks === 0 ? 0 : this.timeOf(row, blocks);
    let at = this.#first[row]!;
    while (at >= 0 && this.#length[at]! >= blocks) {
      this.#rows.give(at);
      at = this.#next[at]!;
    }
    this.#first[row] = at;
    if (blocks > 0) this.touch(row, blocks, time);
  }
}
