import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { PrefixMatch } from '../../prefix-match.ts';
import type { PromptPath } from '../../prompt-path.ts';
import type { NodeHolds, RoutedIndex } from '../routed-index.ts';
import { RoutedPrefixes } from '../routed-prefixes.ts';

/** Forgets the least recently routed blocks of a target that has more than it can hold. */
export class LruIndex implements RoutedIndex {
  readonly #prefixes: RoutedPrefixes;
  readonly #capacity: number;

  /** `capacity`: blocks that a target holds. */
  constructor(forest: BlockForest, holds: NodeHolds, capacity: number) {
    this.#prefixes = new RoutedPrefixes(forest, holds);
    this.#capacity = capacity;
  }

  routed(target: number, leaf: number, leafBlocks: number, _nowNs: Ns): void {
    const prefixes = this.#prefixes;
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
    this.#prefixes.forgetTarget(target, target);
  }

  match(path: PromptPath, match: PrefixMatch, longestList?: number): void {
    this.#prefixes.match(path, match, longestList);
  }

  reserve(match: PrefixMatch): void {
    this.#prefixes.reserve(match);
  }

  blocksOf(target: number): number {
    return this.#prefixes.blocksOf(target);
  }

  uses(node: number): boolean {
    return this.#prefixes.uses(node);
  }
}
