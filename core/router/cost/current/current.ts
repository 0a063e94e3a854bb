import type { CostWeights } from '../cost-model.ts';
import { blocksTerm, creditDecay, prefillTerm, requestsTerm } from './terms.ts';

/**
 * Today's cost, in blocks. Cached blocks are credited against the prefill that the candidate would
 * have before and after taking the whole prompt; blocks in use and requests come on top.
 *
 * Without prefill tracking a decoding pool credits cached blocks against its blocks instead.
 */
export function currentCost(
  weights: CostWeights,
  inputTokens: number,
  overlapBlocks: number,
  prefillTokens: number,
  prefillTokensMin: number,
  blocks: number,
  requests: number,
): number {
  const decay = creditDecay(weights, inputTokens, prefillTokens, prefillTokensMin);
  const credit = weights.overlapScoreCredit * decay * overlapBlocks;
  const cachedTokens = overlapBlocks * weights.blockSize;
  return (
    prefillTerm(weights, inputTokens, cachedTokens, prefillTokens, credit) +
    blocksTerm(weights, blocks, credit) +
    requestsTerm(weights, requests)
  );
}

/**
 * The most that one cached block takes off the cost, in blocks: the credit is what makes it cheaper,
 * and neither its decay nor a floor at 0 makes the credit worth more.
 */
export function cachedBlockWorth(weights: CostWeights): number {
  if (weights.trackPrefillTokens) return weights.prefillLoadScale * weights.overlapScoreCredit;
  return weights.decodes ? weights.overlapScoreCredit : 0;
}
