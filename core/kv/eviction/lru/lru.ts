import { BlockQueue } from '../block-queue.ts';
import type { EvictionPolicy } from '../policy.ts';

/** The block whose last holder left longest ago goes first. */
export class LruEviction implements EvictionPolicy {
  readonly #queue: BlockQueue;

  constructor(blocks: number) {
    this.#queue = new BlockQueue(blocks);
  }

  get size(): number {
    return this.#queue.size;
  }

  insert(block: number): void {
    this.#queue.push(block);
  }

  remove(block: number): void {
    this.#queue.remove(block);
  }

  touch(): void {}

  nextVictim(): number {
    return this.#queue.shift();
  }
}
