import { assertDefined } from '#core/base/assert.ts';
import { InputError } from '#core/base/errors.ts';
import { BlockQueue } from '../block-queue.ts';
import type { EvictionPolicy } from '../policy.ts';
import { FrequencySketch } from './frequency-sketch.ts';

export interface MultiLruOptions {
  readonly blocks: number;
  /** Touches at which a block rises to level 1, 2, 3; strictly ascending, 1 … 15. */
  readonly thresholds?: readonly [number, number, number];
  /** Hashes that the frequency sketch tells apart, a power of two. */
  readonly sketchCapacity?: number;
}

const DEFAULT_THRESHOLDS = [3, 8, 15] as const;
const DEFAULT_SKETCH_CAPACITY = 2 ** 18;

/**
 * Four LRU queues by how often a hash was hit. The level is drawn when the block loses its last
 * holder and not revised while it waits; victims come from the lowest level that has one.
 */
export class MultiLruEviction implements EvictionPolicy {
  readonly #levels: readonly BlockQueue[];
  readonly #thresholds: readonly [number, number, number];
  readonly #sketch: FrequencySketch;
  #size = 0;

  constructor(options: MultiLruOptions) {
    this.#thresholds = options.thresholds ?? DEFAULT_THRESHOLDS;
    const [first, second, third] = this.#thresholds;
    if (!(first >= 1 && first < second && second < third && third <= 15)) {
      throw new InputError('config_invalid', 'thresholds must ascend', {
        path: 'thresholds',
        received: this.#thresholds,
        allowed: 'three strictly ascending integers from 1 to 15',
      });
    }
    this.#sketch = new FrequencySketch(options.sketchCapacity ?? DEFAULT_SKETCH_CAPACITY);
    this.#levels = [0, 1, 2, 3].map(() => new BlockQueue(options.blocks));
  }

  get size(): number {
    return this.#size;
  }

  insert(block: number, hash: number): void {
    this.#levels[this.#levelOf(hash)]!.push(block);
    this.#size++;
  }

  remove(block: number): void {
    const level = this.#levels.find((queue) => queue.has(block));
    assertDefined(level, `block ${block} is not in the policy`).remove(block);
    this.#size--;
  }

  touch(hash: number): void {
    this.#sketch.touch(hash);
  }

  nextVictim(): number {
    const level = this.#levels.find((queue) => queue.size > 0);
    const block = assertDefined(level, 'the policy is empty').shift();
    this.#size--;
    return block;
  }

  #levelOf(hash: number): number {
    const frequency = this.#sketch.frequency(hash);
    const [first, second, third] = this.#thresholds;
    if (frequency < first) return 0;
    if (frequency < second) return 1;
    return frequency < third ? 2 : 3;
  }
}
