import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { RouterOptions } from '../options.ts';
import { openRoutedIndex } from './approximate/open-routed-index.ts';
import type { NodeHolds, RoutedIndex } from './approximate/routed-index.ts';
import { TtlIndex } from './approximate/ttl/ttl.ts';
import { PredictedIndex } from './predicted.ts';
import type { PrefixIndex } from './prefix-index.ts';

/** Where the router remembers its own decisions, if it does. */
export function routedIndex(
  options: RouterOptions,
  forest: BlockForest,
  holds: NodeHolds,
): RoutedIndex | undefined {
  const { approximate, predictedTtlNs } = options;
  if (approximate !== undefined) return openRoutedIndex(approximate, forest, holds);
  return predictedTtlNs === undefined ? undefined : new TtlIndex(forest, holds, predictedTtlNs);
}

/** What the policy believes: the events, the router's own decisions, or the better of both. */
export function believedIndex(
  options: RouterOptions,
  events: PrefixIndex,
  routed: RoutedIndex | undefined,
): PrefixIndex {
  if (routed === undefined) return events;
  return options.approximate === undefined ? new PredictedIndex(events, routed) : routed;
}
