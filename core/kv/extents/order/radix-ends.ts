import { growColumn, RowAllocator } from '#core/base/columns.ts';

/**
 * Where, among the blocks of each residency, a node of the radix tree ends.
 *
 *     #first[row]   its list of ends, the deepest first, −1 = none
 *     #end[entry]   blocks of the residency up to there
 *     #next[entry]  the next shallower end, −1 = none
 */
export class RadixEnds {
  #first = new Int32Array(16).fill(-1);
  #end = new Int32Array(16);
  #next = new Int32Array(16);
  readonly #rows = new RowAllocator();

  /** A residency begins anew, without ends. */
  open(row: number): void {
    const before = this.#first.length;
    if (row >= before) this.#first = growColumn(this.#first, row + 1).fill(-1, before);
    this.clearFrom(row, 0);
  }

  /** Whether a node ends after exactly so many blocks. */
  has(row: number, end: number): boolean {
    return end > 0 && this.lastWithin(row, end) === end;
  }

  /** The deepest end among the first `blocks` blocks, 0 = none. */
  lastWithin(row: number, blocks: number): number {
    let at = this.#first[row]!;
    while (at >= 0 && this.#end[at]! > blocks) at = this.#next[at]!;
    return at < 0 ? 0 : this.#end[at]!;
  }

  /** A node ends after so many blocks. */
  add(row: number, end: number): void {
    let before = -1;
    let at = this.#first[row]!;
    while (at >= 0 && this.#end[at]! > end) {
      before = at;
      at = this.#next[at]!;
    }
    if (at >= 0 && this.#end[at] === end) return;
    const entry = this.#rows.take();
    this.#end = growColumn(this.#end, entry + 1);
    this.#next = growColumn(this.#next, entry + 1);
    this.#end[entry] = end;
    this.#next[entry] = at;
    if (before >= 0) this.#next[before] = entry;
    else this.#first[row] = entry;
  }

  /** No node ends after so many blocks or more. */
  clearFrom(row: number, end: number): void {
    let at = this.#first[row]!;
    while (at >= 0 && this.#end[at]! >= end) {
      this.#rows.give(at);
      at = this.#next[at]!;
    }
    this.#first[row] = at;
  }
}
