import type { Candidate } from '../candidate.ts';
import type { RouteQuery } from '../query.ts';
import type { ScoreExplanation } from './kv/score-explanation.ts';

/** Some targets of the fleet, ascending, at least one. The object is reused for each decision. */
export interface EligibleTargets {
  readonly targets: Int32Array;
  readonly count: number;
  /** Whether the request that they are eligible for would rather have some than others. */
  readonly hasPreferences: boolean;
  /** What preferred taints multiply the cost of one of them by. */
  factorOf(target: number): number;
}

/**
 * A rule that chooses one of the fleet's targets. The router calls `prepare` for a query and then,
 * unless the query is pinned, `choose` where the whole fleet is eligible and `chooseAmong` where it
 * is not; in between nothing changes. Load facts arrive after the columns have been updated.
 */
export interface RoutingPolicy {
  /** Looks the query's prefix up, where the policy cares for prefixes. */
  prepare(query: RouteQuery): void;
  /** What `prepare` has found, to be kept while the query waits. */
  keepOverlaps(): Int32Array;
  /** As `prepare`, with the overlaps that were found when the query came. */
  prepareAgain(query: RouteQuery, overlaps: Int32Array): void;
  /** The chosen one of the fleet's targets, of which there is at least one. */
  choose(query: RouteQuery): number;
  /** The chosen one of the eligible targets, −1 = the policy's own filters turn all of them down. */
  chooseAmong(query: RouteQuery, eligible: EligibleTargets): number;
  /** Leading prompt blocks of the prepared query that are cached on the target. */
  overlapOf(target: number): number;
  /** The most that any target has of the prepared query. */
  bestOverlapBlocks(): number;
  /** Prompt tokens of the prepared query that the target need not compute. */
  cachedTokensOf(target: number): number;
  /** The most that any target need not compute. */
  bestCachedTokens(): number;
  /** A target's load has changed, or the target was just added. */
  loadChanged(target: number): void;
  /** A target has left the fleet. */
  targetRemoved(target: number): void;
  /** The query goes to this target, chosen or pinned; only for policies that remember. */
  routed?(query: RouteQuery, target: number): void;
  /** The prepared query's cost on a target, taken apart; where the policy has such a number. */
  candidate?(query: RouteQuery, target: number): Candidate;
  /** Writes the terms of the prepared query's cost on a target; called before it is booked there. */
  explain?(query: RouteQuery, target: number, out: ScoreExplanation): void;
  /** The outcome of a request for which it chooses nobody; its own filters when absent. */
  readonly refusal?: number;
  /** The last choice serves its request beside its work: it is no load there. */
  readonly choiceIsFree?: boolean;
}

const NO_OVERLAPS = new Int32Array(0);

/** What the policies share that look at no prefix and, unless they say so, at no load. */
export abstract class PrefixBlindPolicy implements RoutingPolicy {
  abstract choose(query: RouteQuery): number;
  abstract chooseAmong(query: RouteQuery, eligible: EligibleTargets): number;

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

  cachedTokensOf(_target: number): number {
    return 0;
  }

  bestCachedTokens(): number {
    return 0;
  }

  loadChanged(_target: number): void {}

  targetRemoved(_target: number): void {}
}
