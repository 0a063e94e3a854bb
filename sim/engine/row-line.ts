import { growColumn } from '#core/base/columns.ts';

/**
 * Rows that stand in line: they join at its end, and leave from its front, whoever waits behind, or
 * from anywhere.
 *
 *     #rows     ┤ gone ├── #front … #end: the line ──┤ free ├
 */
export class RowLine {
  #rows = new Int32Array(16);
  #front = 0;
  #end = 0;

  get count(): number {
    return this.#end - this.#front;
  }

  /** The row whose turn it is; the line must not be empty. */
  get first(): number {
    return this.#rows[this.#front]!;
  }

  /** The row at a place, 0 = the front. */
  rowAt(place: number): number {
    return this.#rows[this.#front + place]!;
  }

  /** Puts a row in the place of another. */
  put(place: number, row: number): void {
    this.#rows[this.#front + place] = row;
  }

  push(row: number): void {
    if (this.#end === this.#rows.length) this.#makeRoom();
    this.#rows[this.#end++] = row;
  }

  /** Takes out the first so many rows. */
  removeFirst(rows = 1): void {
    this.#front += rows;
    if (this.#front < this.#end) return;
    this.#front = 0;
    this.#end = 0;
  }

  /** Takes out a row if it stands here; later ones move up. */
  remove(row: number): boolean {
    const at = this.#rows.subarray(this.#front, this.#end).indexOf(row);
    if (at < 0) return false;
    const from = this.#front + at;
    this.#rows.copyWithin(from, from + 1, this.#end);
    this.#end--;
    return true;
  }

  /** The line moves to the beginning when half of the rows or more are gone, so that each moves once. */
  #makeRoom(): void {
    const { count } = this;
    if (this.#front < count) {
      this.#rows = growColumn(this.#rows, this.#end + 1);
      return;
    }
    this.#rows.copyWithin(0, this.#front, this.#end);
    this.#front = 0;
    this.#end = count;
  }
}
