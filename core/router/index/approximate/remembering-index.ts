import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { PrefixMatch } from '../prefix-match.ts';
import type { PromptPath } from '../prompt-path.ts';
import type { NodeHolds, RoutedIndex } from './routed-index.ts';
import { RoutedPrefixes } from './routed-prefixes.ts';

/** An index of what was routed, whose policy says what is forgotten and when. */
export abstract class RememberingIndex implements RoutedIndex {
  protected readonly prefixes: RoutedPrefixes;

  constructor(forest: BlockForest, holds: NodeHolds) {
    this.prefixes = new RoutedPrefixes(forest, holds);
  }

  abstract routed(target: number, leaf: number, leafBlocks: number, nowNs: Ns): void;

  abstract catchUp(nowNs: Ns): void;

  abstract removeTarget(target: number): void;

  match(path: PromptPath, match: PrefixMatch, longestList?: number): void {
    this.prefixes.match(path, match, longestList);
  }

  reserve(match: PrefixMatch): void {
    this.prefixes.reserve(match);
  }

  blocksOf(target: number): number {
    return this.prefixes.blocksOf(target);
  }

  uses(node: number): boolean {
    return this.prefixes.uses(node);
  }
}
