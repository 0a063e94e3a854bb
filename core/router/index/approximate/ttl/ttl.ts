import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { PrefixMatch } from '../../prefix-match.ts';
import type { PromptPath } from '../../prompt-path.ts';
import type { NodeHolds, RoutedIndex } from '../routed-index.ts';
import { RoutedPrefixes } from '../routed-prefixes.ts';

/** Moments at which prompts are forgotten are rounded up to these. */
const BUCKET_NS = 100 * NS_PER_MS;
/** All targets share a list, since all prompts live equally long. */
const LIST = 0;

/** Forgets a block when it has not been routed for a fixed time. */
export class TtlIndex implements RoutedIndex {
  readonly #prefixes: RoutedPrefixes;
  readonly #ttlNs: Ns;

  constructor(forest: BlockForest, holds: NodeHolds, ttlNs: Ns) {
    this.#prefixes = new RoutedPrefixes(forest, holds);
    this.#ttlNs = ttlNs;
  }

  routed(target: number, leaf: number, leafBlocks: number, nowNs: Ns): void {
    const untilNs = Math.ceil((nowNs + this.#ttlNs) / BUCKET_NS) * BUCKET_NS;
    this.#prefixes.touch(target, leaf, leafBlocks, LIST, untilNs);
  }

  catchUp(nowNs: Ns): void {
    const prefixes = this.#prefixes;
    for (;;) {
      const run = prefixes.oldest(LIST);
      if (run < 0 || prefixes.untilNs(run) > nowNs) return;
      prefixes.forget(run, Number.POSITIVE_INFINITY);
    }
  }

  removeTarget(target: number): void {
    this.#prefixes.forgetTarget(target, LIST);
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
