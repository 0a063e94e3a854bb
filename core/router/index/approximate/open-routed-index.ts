import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { LruIndex } from './lru/lru.ts';
import type { NodeHolds, RoutedIndex } from './routed-index.ts';
import { TtlIndex } from './ttl/ttl.ts';

/** When a router's own decisions are forgotten. */
export type ApproximateOptions =
  | { readonly policy: 'ttl'; readonly ttlNs: Ns }
  | { readonly policy: 'lru'; readonly capacityBlocks: number };

/** The index of the options. */
export function openRoutedIndex(
  options: ApproximateOptions,
  forest: BlockForest,
  holds: NodeHolds,
): RoutedIndex {
  return options.policy === 'ttl'
    ? new TtlIndex(forest, holds, options.ttlNs)
    : new LruIndex(forest, holds, options.capacityBlocks);
}
