import { assert } from './assert.ts';

const EMPTY = -1;
const INITIAL_SLOTS = 64;

/**
 * A map from a pair of integers (a ≥ 0 below 2^31, b an unsigned 32-bit) to an integer ≥ 0, in
 * columns: open addressing, linear probing, deletion by shifting back, so that no tombstones gather.
 *
 *     #a[slot]      first key, −1 = empty
 *     #b[slot]      second key
 *     #value[slot]  what the pair maps to
 */
export class PairMap {
  #a: Int32Array<ArrayBuffer>;
  #b: Int32Array<ArrayBuffer>;
  #value: Int32Array<ArrayBuffer>;
  #mask: number;
  #size = 0;

  constructor(slots = INITIAL_SLOTS) {
    assert((slots & (slots - 1)) === 0, `slots must be a power of two, got ${slots}`);
    this.#a = new Int32Array(slots).fill(EMPTY);
    this.#b = new Int32Array(slots);
    this.#value = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The value of (a, b), or −1. */
  get(a: number, b: number): number {
    const keysA = this.#a;
    const keysB = this.#b;
    const mask = this.#mask;
    let slot = hashPair(a, b) & mask;
    for (;;) {
      const key = keysA[slot]!;
      if (key === EMPTY) return -1;
      if (key === a && keysB[slot] === (b | 0)) return this.#value[slot]!;
      slot = (slot + 1) & mask;
    }
  }

  /** Sets the value of (a, b), replacing what it was. */
  set(a: number, b: number, value: number): void {
    if (this.#size * 2 >= this.#mask) this.#grow();
    const slot = this.#find(a, b);
    if (this.#a[slot] === EMPTY) this.#size++;
    this.#a[slot] = a;
    this.#b[slot] = b;
    this.#value[slot] = value;
  }

  /** Removes (a, b); true when it was there. */
  delete(a: number, b: number): boolean {
    let hole = this.#find(a, b);
    if (this.#a[hole] === EMPTY) return false;
    this.#size--;
    let slot = hole;
    for (;;) {
      slot = (slot + 1) & this.#mask;
      const key = this.#a[slot]!;
      if (key === EMPTY) break;
      const home = hashPair(key, this.#b[slot]!) & this.#mask;
      // The entry may move into the hole only if its home is not inside (hole, slot].
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#a[hole] = key;
      this.#b[hole] = this.#b[slot]!;
      this.#value[hole] = this.#value[slot]!;
      hole = slot;
    }
    this.#a[hole] = EMPTY;
    return true;
  }

  clear(): void {
    this.#a.fill(EMPTY);
    this.#size = 0;
  }

  #find(a: number, b: number): number {
    let slot = hashPair(a, b) & this.#mask;
    while (this.#a[slot] !== EMPTY && !(this.#a[slot] === a && this.#b[slot] === (b | 0))) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #grow(): void {
    const oldA = this.#a;
    const oldB = this.#b;
    const oldValue = this.#value;
    const slots = (this.#mask + 1) * 2;
    this.#a = new Int32Array(slots).fill(EMPTY);
    this.#b = new Int32Array(slots);
    this.#value = new Int32Array(slots);
    this.#mask = slots - 1;
    for (let old = 0; old < oldA.length; old++) {
      if (oldA[old] === EMPTY) continue;
      const slot = this.#find(oldA[old]!, oldB[old]!);
      this.#a[slot] = oldA[old]!;
      this.#b[slot] = oldB[old]!;
      this.#value[slot] = oldValue[old]!;
    }
  }
}

/** Two rounds of multiply and shift: neighbours in either key land far apart. */
function hashPair(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) >>> 0;
}
