import { assert } from '#core/base/assert.ts';

const OUT = -2;
const END = -1;

/**
 * Blocks in the order of their insertion, with removal from the middle: a doubly linked list in
 * columns.
 *
 *     #next[block]       the block behind it, −1 = last, −2 = not in the queue
 *     #previous[block]   the block before it, −1 = first
 */
export class BlockQueue {
  readonly #next: Int32Array<ArrayBuffer>;
  readonly #previous: Int32Array<ArrayBuffer>;
  #first = END;
  #last = END;
  #size = 0;

  constructor(blocks: number) {
    this.#next = new Int32Array(blocks).fill(OUT);
    this.#previous = new Int32Array(blocks);
  }

  get size(): number {
    return this.#size;
  }

  has(block: number): boolean {
    return this.#next[block] !== OUT;
  }

  push(block: number): void {
    assert(this.#next[block] === OUT, `block ${block} is in the queue`);
    this.#next[block] = END;
    this.#previous[block] = this.#last;
    if (this.#last === END) this.#first = block;
    else this.#next[this.#last] = block;
    this.#last = block;
    this.#size++;
  }

  remove(block: number): void {
    const next = this.#next[block]!;
    const previous = this.#previous[block]!;
    assert(next !== OUT, `block ${block} is not in the queue`);
    if (previous === END) this.#first = next;
    else this.#next[previous] = next;
    if (next === END) this.#last = previous;
    else this.#previous[next] = previous;
    this.#next[block] = OUT;
    this.#size--;
  }

  shift(): number {
    const block = this.#first;
    assert(block !== END, 'the queue is empty');
    this.remove(block);
    return block;
  }
}
