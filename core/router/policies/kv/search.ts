import type { CostWeights } from '../../cost/cost-model.ts';
import type { RouterOptions } from '../../options.ts';
import { costsAreExact } from '../../selection/exactness.ts';

/**
 * How the least cost is found. `scan` scores every target. The other two score one by one only the
 * touched targets, those that hold or use a prefix of the prompt, and find the best of the others
 * in a tree over load: `tree` where keys decide exactly, `near` where rounding makes it necessary
 * to compare the costs of all targets whose keys are next to the smallest. Where nearly every target
 * holds or uses the beginning of the prompt, both score one by one only those that hold or use more,
 * and visit the others in the tree as long as their keys can make up for it.
 */
export type Search = 'scan' | 'tree' | 'near';

/** Whether what a target has cached can make it cheaper. */
export function creditsOverlap(options: RouterOptions): boolean {
  return options.costModel === 'v1.0' || options.overlapScoreCredit > 0;
}

/** The weights of the cost, from the options. */
export function costWeights(options: RouterOptions): CostWeights {
  return {
    overlapScoreCredit: options.overlapScoreCredit,
    overlapScoreCreditDecay: options.costModel === 'v1.0' ? 0 : options.overlapScoreCreditDecay,
    prefillLoadScale: options.prefillLoadScale,
    decodeActiveRequestWeight: options.decodeActiveRequestWeight,
    blockSize: options.blockSize,
    trackPrefillTokens: options.trackPrefillTokens,
    decodes: (options.pool ?? 'aggregated') !== 'prefill',
    without: options.costWithout,
  };
}

/** The cheapest search that finds the least cost under these options. */
export function chooseSearch(options: RouterOptions, weights: CostWeights): Search {
  if (options.temperature > 0 || options.costModel === 'v1.0') return 'scan';
  if (weights.overlapScoreCreditDecay > 0) return 'scan';
  // The tree alone decides only if every touched target is strictly cheaper than its load key.
  const overlapCounts = weights.trackPrefillTokens && weights.prefillLoadScale > 0;
  return costsAreExact(weights) && (overlapCounts || !creditsOverlap(options)) ? 'tree' : 'near';
}
