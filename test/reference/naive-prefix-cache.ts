/**
 * An LRU prefix cache as one would write it down first: a list of block ids, the most recently used
 * first. Slow and plain, to hold the exact analysis against.
 */
export class NaivePrefixCache {
  readonly #capacity: number;
  #order: number[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Sends a prompt through the cache and returns how many of its leading blocks were there. */
  request(blocks: readonly number[]): number {
    const firstMiss = blocks.findIndex((block) => !this.#order.includes(block));
    for (const block of blocks.toReversed()) {
      this.#order = [block, ...this.#order.filter((other) => other !== block)];
    }
    this.#order = this.#order.slice(0, this.#capacity);
    return firstMiss < 0 ? blocks.length : firstMiss;
  }
}
