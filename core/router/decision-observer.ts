import type { RouteQuery } from './query.ts';

/**
 * Looks on while a router decides: to explain a decision, or to fly on from it with another choice.
 * It sees what the policy chose, after its draws and before anything is booked, so that random
 * streams do not depend on it.
 */
export interface DecisionObserver {
  /** The prepared query is about to go to `target`; the target that is returned takes its place. */
  chosen(query: Readonly<RouteQuery>, target: number): number;
}
