import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';

/**
 * Rows by ascending key, with removal from the middle: a binary heap that knows where its rows are.
 * Keys must be distinct.
 *
 *     #heap[at]    row; the smallest key is at 0, children of `at` are at 2 at + 1 and 2 at + 2
 *     #at[row]     place in the heap + 1, 0 = not in it
 *     #key[row]    the row's key
 */
export class IndexedHeap {
  #heap = new Int32Array(16);
  #at = new Int32Array(16);
  #key = new Float64Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return row < this.#at.length && this.#at[row]! > 0;
  }

  push(row: number, key: number): void {
    assert(!this.has(row), `row ${row} is in the heap`);
    this.#heap = growColumn(this.#heap, this.#size + 1);
    this.#at = growColumn(this.#at, row + 1);
    this.#key = growColumn(this.#key, row + 1);
    this.#key[row] = key;
    this.#rise(this.#size++, row);
  }

  remove(row: number): void {
    assert(this.has(row), `row ${row} is not in the heap`);
    const hole = this.#at[row]! - 1;
    this.#at[row] = 0;
    const moved = this.#heap[--this.#size]!;
    if (moved === row) return;
    const above = hole > 0 ? this.#heap[(hole - 1) >> 1]! : -1;
    if (above >= 0 && this.#key[moved]! < this.#key[above]!) this.#rise(hole, moved);
    else this.#sink(hole, moved);
  }

  /** Takes out the row with the smallest key. */
  pop(): number {
    assert(this.#size > 0, 'the heap is empty');
    const row = this.#heap[0]!;
    this.remove(row);
    return row;
  }

  #place(at: number, row: number): void {
    this.#heap[at] = row;
    this.#at[row] = at + 1;
  }

  #rise(from: number, row: number): void {
    const key = this.#key[row]!;
    let at = from;
    while (at > 0) {
      const above = this.#heap[(at - 1) >> 1]!;
      if (this.#key[above]! <= key) break;
      this.#place(at, above);
      at = (at - 1) >> 1;
    }
    this.#place(at, row);
  }

  #sink(from: number, row: number): void {
    const key = this.#key[row]!;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#size) break;
      const right = below + 1;
      if (right < this.#size && this.#keyAt(right) < this.#keyAt(below)) below = right;
      if (key <= this.#keyAt(below)) break;
      this.#place(at, this.#heap[below]!);
      at = below;
    }
    this.#place(at, row);
  }

  #keyAt(at: number): number {
    return this.#key[this.#heap[at]!]!;
  }
}
