import { assert } from '#core/base/assert.ts';

const COUNTER_MAX = 15;
const ROWS = 4;
const MULTIPLIERS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

/**
 * How often hashes were touched lately, in bounded memory: TinyLFU's count-min sketch. Four counters
 * a hash, saturating at 15; the smallest of them is the estimate. After ten times its capacity in
 * touches all counters are halved, so that old fame fades.
 *
 *     #counters[row · capacity + slot]   0 … 15; row = one of four hash functions
 */
export class FrequencySketch {
  readonly #counters: Uint8Array<ArrayBuffer>;
  readonly #capacity: number;
  #touches = 0;

  /** `capacity` is a power of two: about how many hashes are to be told apart. */
  constructor(capacity: number) {
    assert(
      capacity > 0 && (capacity & (capacity - 1)) === 0,
      `capacity ${capacity} is no power of 2`,
    );
    this.#capacity = capacity;
    this.#counters = new Uint8Array(ROWS * capacity);
  }

  touch(hash: number): void {
    for (let row = 0; row < ROWS; row++) {
      const at = this.#slot(hash, row);
      if (this.#counters[at]! < COUNTER_MAX) this.#counters[at]!++;
    }
    this.#touches++;
    if (this.#touches >= 10 * this.#capacity) this.#halve();
  }

  /** The estimate, 0 … 15; never below the true count since the last halving, up to 15. */
  frequency(hash: number): number {
    let least = COUNTER_MAX;
    for (let row = 0; row < ROWS; row++) {
      least = Math.min(least, this.#counters[this.#slot(hash, row)]!);
    }
    return least;
  }

  #halve(): void {
    this.#touches = 0;
    for (let at = 0; at < this.#counters.length; at++) this.#counters[at]! >>= 1;
  }

  #slot(hash: number, row: number): number {
    let mixed = Math.imul(hash ^ MULTIPLIERS[row]!, MULTIPLIERS[(row + 1) % ROWS]!);
    mixed = Math.imul(mixed ^ (mixed >>> 15), MULTIPLIERS[(row + 2) % ROWS]!);
    mixed ^= mixed >>> 13;
    return row * this.#capacity + ((mixed >>> 0) & (this.#capacity - 1));
  }
}
