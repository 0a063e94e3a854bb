import type { CostWeights } from '../cost-model.ts';

/**
 * The cost of the 1.0 release: one weight (`prefillLoadScale`) on the blocks to prefill, cached
 * ones left out, plus the blocks in use. Other weights have no effect.
 */
export function costV10(
  weights: CostWeights,
  inputTokens: number,
  overlapBlocks: number,
  prefillTokens: number,
  _prefillTokensMin: number,
  blocks: number,
  _requests: number,
): number {
  const { blockSize, prefillLoadScale } = weights;
  const uncachedTokens = prefillTokens + inputTokens - overlapBlocks * blockSize;
  return prefillLoadScale * (uncachedTokens / blockSize) + blocks;
}
