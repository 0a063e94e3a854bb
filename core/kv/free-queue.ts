import { assert } from '#core/base/assert.ts';

/**
 * Empty blocks, first freed first taken, in a ring:
 *
 *     #ring[(first + i) mod capacity]   the i-th block of the queue
 */
export class FreeQueue {
  readonly #ring: Int32Array<ArrayBuffer>;
  #first = 0;
  #size: number;

  /** Starts with blocks 0 … capacity − 1 in order. */
  constructor(capacity: number) {
    this.#ring = Int32Array.from({ length: capacity }, (_, block) => block);
    this.#size = capacity;
  }

  get size(): number {
    return this.#size;
  }

  push(block: number): void {
    assert(this.#size < this.#ring.length, 'more free blocks than blocks');
    this.#ring[(this.#first + this.#size) % this.#ring.length] = block;
    this.#size++;
  }

  shift(): number {
    assert(this.#size > 0, 'no free block');
    const block = this.#ring[this.#first]!;
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#size--;
    return block;
  }

  /** The queue as it stands, first to be taken first. */
  toArray(): number[] {
    return Array.from(
      { length: this.#size },
      (_, at) => this.#ring[(this.#first + at) % this.#ring.length]!,
    );
  }
}
