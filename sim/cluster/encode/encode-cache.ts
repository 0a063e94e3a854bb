import { IndexedHeap } from '#core/base/indexed-heap.ts';

/**
 * Embeddings that an encoder keeps, by the content of their items: when there is no room for another,
 * the one that nobody has used for longest goes.
 *
 *     #itemOf[slot]   what a slot holds
 *     #uses           slots by their last use
 */
export class EncodeCache {
  readonly #capacity: number;
  readonly #slotOf = new Map<number, number>();
  readonly #itemOf: number[] = [];
  readonly #uses = new IndexedHeap();
  #clock = 0;

  /** `capacity`: items that it holds at most; with 0 it holds none. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether an item is held; asking is no use of it. */
  has(item: number): boolean {
    return this.#slotOf.has(item);
  }

  /** Uses an item; false when it is not held. */
  use(item: number): boolean {
    const slot = this.#slotOf.get(item);
    if (slot === undefined) return false;
    this.#uses.remove(slot);
    this.#uses.push(slot, this.#clock++);
    return true;
  }

  /** Takes in an item that was encoded, as the one used last. */
  add(item: number): void {
    if (this.#capacity === 0 || this.use(item)) return;
    const slot = this.#freeSlot();
    this.#itemOf[slot] = item;
    this.#slotOf.set(item, slot);
    this.#uses.push(slot, this.#clock++);
  }

  /** A slot that nobody has had, or the one that was used longest ago. */
  #freeSlot(): number {
    if (this.#itemOf.length < this.#capacity) return this.#itemOf.length;
    const slot = this.#uses.pop();
    this.#slotOf.delete(this.#itemOf[slot]!);
    return slot;
  }
}
