import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';

const INITIAL_SLOTS = 64;

/**
 * Finds rows by a 64-bit hash, in two halves: a `Map` would want a BigInt for each question. Open
 * addressing by the lower half, which is mixed already, linear probing, deletion by shifting back.
 *
 *     low[row], high[row]   the hash of a row
 *     #slots[slot]          the row there, −1 = none
 */
export class HashRows {
  low: Uint32Array<ArrayBuffer> = new Uint32Array(INITIAL_SLOTS);
  high: Uint32Array<ArrayBuffer> = new Uint32Array(INITIAL_SLOTS);
  #slots = new Int32Array(INITIAL_SLOTS).fill(-1);
  #mask = INITIAL_SLOTS - 1;
  #size = 0;

  /** The row of a hash, −1 = it has none. Both halves are unsigned. */
  find(low: number, high: number): number {
    const slots = this.#slots;
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = slots[slot]!;
      if (row < 0 || (this.low[row] === low && this.high[row] === high)) return row;
    }
  }

  /** Gives a row its hash; neither may be there yet. */
  add(row: number, low: number, high: number): void {
    if (2 * ++this.#size > this.#slots.length) this.#grow();
    this.low = growColumn(this.low, row + 1);
    this.high = growColumn(this.high, row + 1);
    this.low[row] = low;
    this.high[row] = high;
    this.#put(row);
  }

  /** Takes a row out; its hash can be read until the row is used again. */
  delete(row: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = this.low[row]! & mask;
    while (slots[hole] !== row) {
      assert(slots[hole]! >= 0, 'the row is not there');
      hole = (hole + 1) & mask;
    }
    this.#size--;
    for (let slot = (hole + 1) & mask; slots[slot]! >= 0; slot = (slot + 1) & mask) {
      const home = this.low[slots[slot]!]! & mask;
      // A row may move into the hole only if its home is not inside (hole, slot].
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot]!;
      hole = slot;
    }
    slots[hole] = -1;
  }

  #put(row: number): void {
    let slot = this.low[row]! & this.#mask;
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = row;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length).fill(-1);
    this.#mask = this.#slots.length - 1;
    for (const row of old) if (row >= 0) this.#put(row);
  }
}
