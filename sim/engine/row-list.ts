import { growColumn } from '#core/base/columns.ts';

/** A list of rows that is filled, read and cleared again and again. Read `rows[0 … count)`. */
export class RowList {
  count = 0;
  rows = new Int32Array(16);

  push(row: number): void {
    if (this.count >= this.rows.length) this.rows = growColumn(this.rows, this.count + 1);
    this.rows[this.count++] = row;
  }

  /** Takes out the row at `index`; later ones move up. */
  removeAt(index: number): void {
    this.rows.copyWithin(index, index + 1, this.count);
    this.count--;
  }

  /** Takes out the first `count` rows. */
  removeFirst(count: number): void {
    this.rows.copyWithin(0, count, this.count);
    this.count -= count;
  }

  /** Where a row stands, or −1. */
  indexOf(row: number): number {
    for (let index = 0; index < this.count; index++) if (this.rows[index] === row) return index;
    return -1;
  }

  /** Sorts the rows by their value in a column, the smallest first. */
  sortBy(column: Int32Array): void {
    this.rows.subarray(0, this.count).sort((a, b) => column[a]! - column[b]!);
  }

  clear(): void {
    this.count = 0;
  }
}
