import type { CostWeights } from '../cost-model.ts';

/**
 * Today's cost, in blocks. Cached blocks are credited against the prefill that the candidate would
 * have before and after taking the whole prompt; blocks in use and requests come on top. The order
 * of the float operations is part of the definition, because equal costs are drawn for.
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
  const { blockSize, overlapScoreCredit, prefillLoadScale, decodeActiveRequestWeight } = weights;
  const load = decodeActiveRequestWeight * requests;
  if (!weights.trackPrefillTokens) {
    const credit = overlapScoreCredit * overlapBlocks;
    if (weights.decodes && overlapScoreCredit > 0) return Math.max(0, blocks - credit) + load;
    return blocks + load;
  }
  const credit =
    overlapScoreCredit *
    creditDecay(weights, inputTokens, prefillTokens, prefillTokensMin) *
    overlapBlocks;
  const cachedTokens = overlapBlocks * blockSize;
  const uncachedTokens = Math.max(0, inputTokens - cachedTokens);
  const prefillBlocks = (prefillTokens + uncachedTokens + cachedTokens) / blockSize;
  return prefillLoadScale * Math.max(0, prefillBlocks - credit) + blocks + load;
}

/**
 * The most that one cached block takes off the cost, in blocks: the credit is what makes it cheaper,
 * and neither its decay nor a floor at 0 makes the credit worth more.
 */
export function cachedBlockWorth(weights: CostWeights): number {
  if (weights.trackPrefillTokens) return weights.prefillLoadScale * weights.overlapScoreCredit;
  return weights.decodes ? weights.overlapScoreCredit : 0;
}

/** The factor in (0, 1] by which prefill beyond the least loaded candidate's dims the credit. */
export function creditDecay(
  weights: CostWeights,
  inputTokens: number,
  prefillTokens: number,
  prefillTokensMin: number,
): number {
  const decay = weights.overlapScoreCreditDecay;
  if (decay === 0) return 1;
  const requestBlocks = Math.ceil(inputTokens / weights.blockSize);
  const excessBlocks = (prefillTokens - prefillTokensMin) / weights.blockSize;
  return 1 / (1 + (decay * excessBlocks) / requestBlocks);
}
