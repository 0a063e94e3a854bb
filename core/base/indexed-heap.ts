import { assert } from './assert.ts';
import { growColumn } from './columns.ts';

/**
 * Rows by ascending key, equal keys by ascending tie, with removal from the middle: a binary heap
 * that knows where its rows are. No two rows may have both in common.
 *
 *     #heap[at]             row; the smallest key is at 0, children of `at` are 2 at + 1 and 2 at + 2
 *     #at[row]              place in the heap + 1, 0 = not in it
 *     #key[row], #tie[row]  what orders the row
 */
export class IndexedHeap {
  #heap = new Int32Array(16);
  #at = new Int32Array(16);
  #key = new Float64Array(16);
  #tie = new Float64Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The row with the smallest key; the heap must not be empty. */
  get first(): number {
    assert(this.#size > 0, 'the heap is empty');
    return this.#heap[0]!;
  }

  /** Its key. */
  get firstKey(): number {
    return this.#key[this.first]!;
  }

  has(row: number): boolean {
    return row < this.#at.length && this.#at[row]! > 0;
  }

  push(row: number, key: number, tie = 0): void {
    assert(!this.has(row), `row ${row} is in the heap`);
    this.#heap = growColumn(this.#heap, this.#size + 1);
    this.#at = growColumn(this.#at, row + 1);
    this.#key = growColumn(this.#key, row + 1);
    this.#tie = growColumn(this.#tie, row + 1);
    this.#key[row] = key;
    this.#tie[row] = tie;
    this.#rise(this.#size++, row);
  }

  remove(row: number): void {
    assert(this.has(row), `row ${row} is not in the heap`);
    const hole = this.#at[row]! - 1;
    this.#at[row] = 0;
    const moved = this.#heap[--this.#size]!;
    if (moved === row) return;
    const above = hole > 0 ? this.#heap[(hole - 1) >> 1]! : -1;
    if (above >= 0 && this.#precedes(moved, above)) this.#rise(hole, moved);
    else this.#sink(hole, moved);
  }

  /** Takes out the row with the smallest key. */
  pop(): number {
    const row = this.first;
    this.remove(row);
    return row;
  }

  #precedes(row: number, other: number): boolean {
    const key = this.#key[row]!;
    const otherKey = this.#key[other]!;
    return key === otherKey ? this.#tie[row]! < this.#tie[other]! : key < otherKey;
  }

  #place(at: number, row: number): void {
    this.#heap[at] = row;
    this.#at[row] = at + 1;
  }

  #rise(from: number, row: number): void {
    let at = from;
    while (at > 0) {
      const above = this.#heap[(at - 1) >> 1]!;
      if (this.#precedes(above, row)) break;
      this.#place(at, above);
      at = (at - 1) >> 1;
    }
    this.#place(at, row);
  }

  #sink(from: number, row: number): void {
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#size) break;
      const right = below + 1;
      if (right < this.#size && this.#precedes(this.#heap[right]!, this.#heap[below]!)) {
        below = right;
      }
      if (this.#precedes(row, this.#heap[below]!)) break;
      this.#place(at, this.#heap[below]!);
      at = below;
    }
    this.#place(at, row);
  }
}
