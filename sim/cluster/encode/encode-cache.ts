/**
 * Embeddings that an encoder keeps, by the content of their items: when there is no room for another,
 * the one that nobody has used for longest goes.
 */
export class EncodeCache {
  readonly #capacity: number;
  /** In the order of their last use. */
  readonly #items = new Set<number>();

  /** `capacity`: items that it holds at most; with 0 it holds none. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether an item is held; asking is no use of it. */
  has(item: number): boolean {
    return this.#items.has(item);
  }

  /** Uses an item; false when it is not held. */
  use(item: number): boolean {
    if (!this.#items.delete(item)) return false;
    this.#items.add(item);
    return true;
  }

  /** Takes in an item that was encoded, as the one used last. */
  add(item: number): void {
    if (this.#capacity === 0) return;
    this.#items.delete(item);
    if (this.#items.size >= this.#capacity) this.#items.delete(this.#oldest());
    this.#items.add(item);
  }

  #oldest(): number {
    for (const item of this.#items) return item;
    return -1;
  }
}
