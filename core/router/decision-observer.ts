import type { BypassQuery } from './disaggregation/bypass-query.ts';
import type { RouteQuery } from './query.ts';

/**
 * The first of the checks that keeps a target from a request: a pin names another one; it is not in
 * the fleet; it cannot be reached; it is not what the request's terms allow; it is overloaded.
 */
export type Ineligibility = 'pin' | 'absent' | 'unavailable' | 'terms' | 'overload';

/** Who may serve the request that is being decided on. */
export interface Choices {
  /** What keeps the target from it; undefined = it may go there. */
  ineligibilityOf(target: number): Ineligibility | undefined;
}

/**
 * Looks on while a router decides: to explain a decision, or to fly on from it with another choice.
 * It sees what the policy chose, after its draws and before anything is booked, so that random
 * streams do not depend on it.
 */
export interface DecisionObserver {
  /** The prepared query is about to go to `target`; the target that is returned takes its place. */
  chosen(query: Readonly<RouteQuery>, target: number, choices: Choices): number;
  /** Where the prompt is prefilled, a code of VERDICTS, and what that was judged by; after `chosen`. */
  judged?(query: Readonly<BypassQuery>, verdict: number): void;
}
