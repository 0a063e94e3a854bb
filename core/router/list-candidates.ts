import type { Candidate } from './candidate.ts';
import type { Eligibility } from './eligibility/eligibility.ts';
import type { Fleet } from './fleet.ts';
import type { RoutingPolicy } from './policies/routing-policy.ts';
import type { RouteQuery } from './query.ts';
import type { ActiveSequences } from './sequences/active-sequences.ts';

/**
 * Who may serve the query that was prepared and resolved last, ascending. Of a policy that cannot say
 * what it would cost where, only the load of each is known.
 */
export function listCandidates(
  query: Readonly<RouteQuery>,
  eligibility: Eligibility,
  fleet: Fleet,
  sequences: ActiveSequences,
  policy: RoutingPolicy,
): readonly Candidate[] {
  const { targets, count } = eligibility.everyone ? fleet : eligibility;
  const listed = eligibility.pinned < 0 ? targets.subarray(0, count) : [eligibility.pinned];
  return Array.from(
    listed,
    (target) => policy.candidate?.(query, target) ?? loadOnly(sequences, target),
  );
}

function loadOnly(sequences: ActiveSequences, target: number): Candidate {
  return {
    target,
    cost: undefined,
    terms: undefined,
    factor: 1,
    cachedBlocks: 0,
    sharedBlocks: 0,
    prefillTokens: sequences.activePrefillTokens[target]!,
    activeBlocks: sequences.activeBlocks[target]!,
    activeRequests: sequences.activeRequests[target]!,
    additionalBlocks: 0,
  };
}
