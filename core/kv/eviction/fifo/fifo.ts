import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { EvictionPolicy } from '../policy.ts';

/** The block that became visible first goes first, however often it was used since. */
export class FifoEviction implements EvictionPolicy {
  readonly #byAge = new IndexedHeap();

  get size(): number {
    return this.#byAge.size;
  }

  insert(block: number, _hash: number, _parent: number, cachedTick: number): void {
    this.#byAge.push(block, cachedTick);
  }

  remove(block: number): void {
    this.#byAge.remove(block);
  }

  touch(): void {}

  nextVictim(): number {
    return this.#byAge.pop();
  }
}
