import type { CostWeights } from '../../cost/cost-model.ts';
import type { TierWeights } from '../../cost/current/tiered.ts';
import type { RouteOverrides } from '../../route-terms.ts';

/**
 * The weights of one request. The old overlap weight stands for the prefill scale, and at 0 for a
 * credit of 0 as well; a newer name beside it wins.
 */
export function overriddenWeights(weights: CostWeights, overrides: RouteOverrides): CostWeights {
  const { overlapScoreWeight: old } = overrides;
  const oldCredit = old === 0 ? 0 : undefined;
  return {
    ...weights,
    overlapScoreCredit: overrides.overlapScoreCredit ?? oldCredit ?? weights.overlapScoreCredit,
    prefillLoadScale: overrides.prefillLoadScale ?? old ?? weights.prefillLoadScale,
    trackPrefillTokens: overrides.trackPrefillTokens ?? weights.trackPrefillTokens,
  };
}

/** The same for what lies outside device memory. */
export function overriddenTierWeights(tiers: TierWeights, overrides: RouteOverrides): TierWeights {
  const { sharedCacheMultiplier = tiers.sharedCacheMultiplier } = overrides;
  return { ...tiers, sharedCacheMultiplier };
}
