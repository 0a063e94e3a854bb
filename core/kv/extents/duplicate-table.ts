import { growColumn, RowAllocator } from '#core/base/columns.ts';

/**
 * Second and further physical copies of a block. They arise when a request must recompute the last
 * block of its prompt although it is cached, since a prefix hit may not cover the whole input.
 *
 *     residency[row], index[row]   which block it copies
 *     holder[row]    request that holds it, −1 = inactive
 *     run[row]       its run in the eviction queue while inactive, −1 = held
 *     next[row]      next copy of a block of the same residency, in order of creation, −1 = last
 */
export class DuplicateTable {
  residency = new Int32Array(4);
  index = new Int32Array(4);
  holder = new Int32Array(4);
  run = new Int32Array(4);
  next = new Int32Array(4);
  readonly #rows = new RowAllocator(4);

  /** A copy held by `holder`, linked behind the copies that `head` begins; returns the new row. */
  open(residency: number, index: number, holder: number, head: number): number {
    const row = this.#rows.take();
    if (row >= this.index.length) this.#grow(row + 1);
    this.residency[row] = residency;
    this.index[row] = index;
    this.holder[row] = holder;
    this.run[row] = -1;
    this.next[row] = -1;
    let last = head;
    while (last >= 0 && this.next[last]! >= 0) last = this.next[last]!;
    if (last >= 0) this.next[last] = row;
    return row;
  }

  /** The oldest copy of block `index` in the list that `head` begins, or −1. */
  find(head: number, index: number): number {
    let row = head;
    while (row >= 0 && this.index[row] !== index) row = this.next[row]!;
    return row;
  }

  /** Unlinks and forgets a copy; returns the new head of its list. */
  close(row: number, head: number): number {
    this.#rows.give(row);
    if (row === head) return this.next[row]!;
    let before = head;
    while (this.next[before] !== row) before = this.next[before]!;
    this.next[before] = this.next[row]!;
    return head;
  }

  #grow(rows: number): void {
    this.residency = growColumn(this.residency, rows);
    this.index = growColumn(this.index, rows);
    this.holder = growColumn(this.holder, rows);
    this.run = growColumn(this.run, rows);
    this.next = growColumn(this.next, rows);
  }
}
