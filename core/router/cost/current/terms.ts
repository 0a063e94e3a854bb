import type { CostWeights, OmittedTerm } from '../cost-model.ts';

/*
 * Today's cost is prefill + blocks + requests, added in this order. Whoever knows the credit and the
 * cached tokens of a candidate gets the terms here, so that the formula stands once. The order of the
 * float operations is part of the definition, because equal costs are drawn for.
 */

/** Blocks to prefill, scaled, after the credit: 0 where prefill is not tracked. */
export function prefillTerm(
  weights: CostWeights,
  inputTokens: number,
  cachedTokens: number,
  prefillTokens: number,
  credit: number,
): number {
  if (!weights.trackPrefillTokens) return 0;
  const uncachedTokens = Math.max(0, inputTokens - cachedTokens);
  const waitingTokens = isWithout(weights, 'prefill_load') ? 0 : prefillTokens;
  const prefillBlocks = (waitingTokens + uncachedTokens + cachedTokens) / weights.blockSize;
  return weights.prefillLoadScale * Math.max(0, prefillBlocks - credit);
}

/** Blocks in use; the credit goes against them where a pool that decodes tracks no prefill. */
export function blocksTerm(weights: CostWeights, blocks: number, credit: number): number {
  if (isWithout(weights, 'active_blocks')) return 0;
  return creditsBlocks(weights) ? Math.max(0, blocks - credit) : blocks;
}

/** Mostly no term is left out, which shows without a look at its name. */
function isWithout({ without }: CostWeights, term: OmittedTerm): boolean {
  return without !== undefined && without === term;
}

/** Requests under way, weighted. */
export function requestsTerm(weights: CostWeights, requests: number): number {
  return weights.decodeActiveRequestWeight * requests;
}

/** Whether cached blocks are credited against blocks in use. */
export function creditsBlocks(weights: CostWeights): boolean {
  return !weights.trackPrefillTokens && weights.decodes && weights.overlapScoreCredit > 0;
}

/**
 * The factor in (0, 1] by which prefill beyond the least loaded candidate's dims the credit; 1 where
 * prefill is not tracked.
 */
export function creditDecay(
  weights: CostWeights,
  inputTokens: number,
  prefillTokens: number,
  prefillTokensMin: number,
): number {
  const decay = weights.overlapScoreCreditDecay;
  if (decay === 0 || !weights.trackPrefillTokens) return 1;
  const requestBlocks = Math.ceil(inputTokens / weights.blockSize);
  const excessBlocks = (prefillTokens - prefillTokensMin) / weights.blockSize;
  return 1 / (1 + (decay * excessBlocks) / requestBlocks);
}
