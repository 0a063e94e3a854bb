import { assert } from './assert.ts';

const EMPTY = -1;
const INITIAL_SLOTS = 64;
/** An entry has four cells: a power of two, so that none lies in two lines of the cache. */
const CELL_BITS = 2;
const CELLS = 1 << CELL_BITS;

/**
 * A map from a pair of integers (a ≥ 0 below 2^31, b an unsigned 32-bit) to an integer ≥ 0: open
 * addressing, linear probing, deletion by shifting back, so that no tombstones gather. An entry lies
 * in one piece, so that a look-up mostly reads a single line of the cache; `at` is where it begins.
 *
 *     #cells[at]       first key, −1 = empty
 *     #cells[at + 1]   second key
 *     #cells[at + 2]   what the pair maps to
 *     #cells[at + 3]   the hash of the pair
 */
export class PairMap {
  #cells: Int32Array<ArrayBuffer>;
  /** Of places: a place and this is the place wrapped around the end. */
  #mask: number;
  #size = 0;

  constructor(slots = INITIAL_SLOTS) {
    assert((slots & (slots - 1)) === 0, `slots must be a power of two, got ${slots}`);
    this.#cells = new Int32Array(slots * CELLS).fill(EMPTY);
    this.#mask = slots * CELLS - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The value of (a, b), or −1. */
  get(a: number, b: number): number {
    const cells = this.#cells;
    const at = this.#find(a, b, hashPair(a, b));
    return cells[at] === EMPTY ? -1 : cells[at + 2]!;
  }

  /** Sets the value of (a, b), replacing what it was. */
  set(a: number, b: number, value: number): void {
    if (this.#size * (2 * CELLS) >= this.#cells.length) this.#grow();
    const hash = hashPair(a, b);
    const at = this.#find(a, b, hash);
    const cells = this.#cells;
    if (cells[at] === EMPTY) this.#size++;
    cells[at] = a;
    cells[at + 1] = b;
    cells[at + 2] = value;
    cells[at + 3] = hash;
  }

  /** Removes (a, b); true when it was there. */
  delete(a: number, b: number): boolean {
    const cells = this.#cells;
    const mask = this.#mask;
    let hole = this.#find(a, b, hashPair(a, b));
    if (cells[hole] === EMPTY) return false;
    this.#size--;
    let at = hole;
    for (;;) {
      at = (at + CELLS) & mask;
      if (cells[at] === EMPTY) break;
      const home = (cells[at + 3]! << CELL_BITS) & mask;
      // The entry may move into the hole only if its home is not inside (hole, at].
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      moveEntry(cells, at, cells, hole);
      hole = at;
    }
    cells[hole] = EMPTY;
    return true;
  }

  clear(): void {
    this.#cells.fill(EMPTY);
    this.#size = 0;
  }

  /** Where (a, b) lies, or where it would be put. */
  #find(a: number, b: number, hash: number): number {
    const cells = this.#cells;
    const mask = this.#mask;
    const second = b | 0;
    let at = (hash << CELL_BITS) & mask;
    for (;;) {
      const first = cells[at]!;
      if (first === EMPTY || (first === a && cells[at + 1] === second)) return at;
      at = (at + CELLS) & mask;
    }
  }

  #grow(): void {
    const old = this.#cells;
    const cells = new Int32Array(old.length * 2).fill(EMPTY);
    const mask = cells.length - 1;
    for (let from = 0; from < old.length; from += CELLS) {
      if (old[from] === EMPTY) continue;
      let at = (old[from + 3]! << CELL_BITS) & mask;
      while (cells[at] !== EMPTY) at = (at + CELLS) & mask;
      moveEntry(old, from, cells, at);
    }
    this.#cells = cells;
    this.#mask = mask;
  }
}

function moveEntry(from: Int32Array, at: number, to: Int32Array, toAt: number): void {
  to[toAt] = from[at]!;
  to[toAt + 1] = from[at + 1]!;
  to[toAt + 2] = from[at + 2]!;
  to[toAt + 3] = from[at + 3]!;
}

/** Two rounds of multiply and shift: neighbours in either key land far apart. */
function hashPair(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}
