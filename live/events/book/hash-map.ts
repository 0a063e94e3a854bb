const INITIAL_SLOTS = 256;
const FREE = -1;

/** Splits a 64-bit number without arithmetic on BigInts. */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);

/**
 * A map from unsigned 64-bit numbers to integers ≥ 0, in columns: open addressing, linear probing,
 * deletion by shifting back. Engines' names are hashes mostly, and numbers in a row with some.
 *
 *     #low, #high[slot]   the two halves of the key
 *     #value[slot]        what it maps to, −1 = free
 */
export class HashMap {
  #low = new Uint32Array(INITIAL_SLOTS);
  #high = new Uint32Array(INITIAL_SLOTS);
  #value = new Int32Array(INITIAL_SLOTS).fill(FREE);
  #mask = INITIAL_SLOTS - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value of a key, −1 = it is not there. */
  get(key: bigint): number {
    whole[0] = key;
    return this.#value[this.#find(halves[0]!, halves[1]!)]!;
  }

  /** Sets the value of a key, replacing what it was. */
  set(key: bigint, value: number): void {
    if (2 * this.#size >= this.#mask) this.#grow();
    whole[0] = key;
    const slot = this.#find(halves[0]!, halves[1]!);
    if (this.#value[slot] === FREE) this.#size++;
    this.#low[slot] = halves[0]!;
    this.#high[slot] = halves[1]!;
    this.#value[slot] = value;
  }

  /** Removes a key, which must be there. */
  delete(key: bigint): void {
    whole[0] = key;
    const mask = this.#mask;
    let hole = this.#find(halves[0]!, halves[1]!);
    this.#size--;
    for (let slot = (hole + 1) & mask; this.#value[slot] !== FREE; slot = (slot + 1) & mask) {
      const home = mix(this.#low[slot]!, this.#high[slot]!) & mask;
      // The entry may move into the hole only if its home is not inside (hole, slot].
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#low[hole] = this.#low[slot]!;
      this.#high[hole] = this.#high[slot]!;
      this.#value[hole] = this.#value[slot]!;
      hole = slot;
    }
    this.#value[hole] = FREE;
  }

  clear(): void {
    this.#value.fill(FREE);
    this.#size = 0;
  }

  /** Every value, in no order. */
  *values(): Generator<number> {
    for (const value of this.#value) if (value !== FREE) yield value;
  }

  #find(low: number, high: number): number {
    const lows = this.#low;
    const highs = this.#high;
    const values = this.#value;
    const mask = this.#mask;
    let slot = mix(low, high) & mask;
    while (values[slot] !== FREE && !(lows[slot] === low && highs[slot] === high)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const low = this.#low;
    const high = this.#high;
    const value = this.#value;
    const slots = 2 * (this.#mask + 1);
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#value = new Int32Array(slots).fill(FREE);
    this.#mask = slots - 1;
    for (let old = 0; old < value.length; old++) {
      if (value[old] === FREE) continue;
      const slot = this.#find(low[old]!, high[old]!);
      this.#low[slot] = low[old]!;
      this.#high[slot] = high[old]!;
      this.#value[slot] = value[old]!;
    }
  }
}

/** Two rounds of multiply and shift: neighbours in either half land far apart. */
function mix(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) >>> 0;
}
