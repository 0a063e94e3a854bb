import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { RememberingIndex } from '../remembering-index.ts';
import type { NodeHolds } from '../routed-index.ts';

/** Forgets the least recently routed blocks of a target that has more than it can hold. */
export class LruIndex extends RememberingIndex {
  readonly #capacity: number;

  /** `capacity`: blocks that a target holds. */
  constructor(forest: BlockForest, holds: NodeHolds, capacity: number) {
    super(forest, holds);
    this.#capacity = capacity;
  }

  routed(target: number, leaf: number, leafBlocks: number, _nowNs: Ns): void {
    const prefixes = this.prefixes;
    prefixes.touch(target, leaf, leafBlocks, target, 0);
    for (;;) {
      const surplus = prefixes.blocksOf(target) - this.#capacity;
      if (surplus <= 0) return;
      prefixes.forget(prefixes.oldest(target), surplus);
    }
  }

  /** Nothing grows old by time alone. */
  catchUp(_nowNs: Ns): void {}

  removeTarget(target: number): void {
    this.prefixes.forgetTarget(target, target);
  }
}
