import { assert } from './assert.ts';

/**
 * Growth of columns. A table is a set of typed arrays of equal length; a row is an index into all
 * of them. When a row beyond the end is needed, every column doubles.
 */
export type Column =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A column of at least `rows` rows with the contents of `column`; the new rows hold 0. */
export function growColumn<T extends Column>(column: T, rows: number): T {
  if (rows <= column.length) return column;
  const Kind = column.constructor as new (length: number) => T;
  const grown = new Kind(Math.max(rows, column.length * 2, 16));
  grown.set(column);
  return grown;
}

/**
 * Hands out rows and takes them back, lowest fresh row first, freed rows last-in first-out.
 *
 *     #next[row]   free row → the next free row, −1 = end; taken row → −2
 */
export class RowAllocator {
  #next: Int32Array<ArrayBuffer>;
  #head = -1;
  #fresh = 0;
  #used = 0;

  constructor(capacity = 16) {
    this.#next = new Int32Array(capacity);
  }

  /** Rows handed out and not taken back. */
  get used(): number {
    return this.#used;
  }

  /** Columns need at least this many rows. */
  get capacity(): number {
    return this.#next.length;
  }

  take(): number {
    this.#used++;
    let row = this.#head;
    if (row >= 0) {
      this.#head = this.#next[row]!;
    } else {
      row = this.#fresh++;
      this.#next = growColumn(this.#next, row + 1);
    }
    this.#next[row] = -2;
    return row;
  }

  give(row: number): void {
    assert(row >= 0 && row < this.#fresh && this.#next[row] === -2, 'the row is not in use');
    this.#next[row] = this.#head;
    this.#head = row;
    this.#used--;
  }
}
