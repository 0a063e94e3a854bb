import type { RouteQuery } from '../query.ts';

/**
 * A rule that chooses one of the fleet's targets. The router calls `prepare` for a query and then
 * `choose`, unless the query is pinned; in between nothing changes. `choose` is only called while
 * the fleet has a target. Load facts arrive after the columns have been updated.
 */
export interface RoutingPolicy {
  /** Looks the query's prefix up, where the policy cares for prefixes. */
  prepare(query: RouteQuery): void;
  /** What `prepare` has found, to be kept while the query waits. */
  keepOverlaps(): Int32Array;
  /** As `prepare`, with the overlaps that were found when the query came. */
  prepareAgain(query: RouteQuery, overlaps: Int32Array): void;
  /** The chosen target. */
  choose(query: RouteQuery): number;
  /** Leading prompt blocks of the prepared query that are cached on the target. */
  overlapOf(target: number): number;
  /** The most that any target has of the prepared query. */
  bestOverlapBlocks(): number;
  /** A target's load has changed, or the target was just added. */
  loadChanged(target: number): void;
  /** A target has left the fleet. */
  targetRemoved(target: number): void;
}

const NO_OVERLAPS = new Int32Array(0);

/** What the policies share that look at no prefix and, unless they say so, at no load. */
export abstract class PrefixBlindPolicy implements RoutingPolicy {
  abstract choose(query: RouteQuery): number;

  prepare(_query: RouteQuery): void {}

  keepOverlaps(): Int32Array {
    return NO_OVERLAPS;
  }

  prepareAgain(_query: RouteQuery, _overlaps: Int32Array): void {}

  overlapOf(_target: number): number {
    return 0;
  }

  bestOverlapBlocks(): number {
    return 0;
  }

  loadChanged(_target: number): void {}

  targetRemoved(_target: number): void {}
}
