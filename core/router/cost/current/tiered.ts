import type { CostWeights } from '../cost-model.ts';
import { blocksTerm, creditDecay, prefillTerm, requestsTerm } from './terms.ts';

/** What blocks outside device memory are worth, constant for a router but for the last. */
export interface TierWeights {
  readonly hostCacheHitWeight: number;
  readonly diskCacheHitWeight: number;
  readonly sharedCacheMultiplier: number;
}

/** Prompt tokens that need not be computed: blocks of slower tiers count for a part. */
export function tieredCachedTokens(
  tiers: TierWeights,
  blockSize: number,
  deviceBlocks: number,
  hostBlocks: number,
  diskBlocks: number,
): number {
  const host = tiers.hostCacheHitWeight * hostBlocks;
  const disk = tiers.diskCacheHitWeight * diskBlocks;
  return Math.max(0, Math.round(blockSize * (deviceBlocks + host + disk)));
}

/**
 * Today's cost where targets hold blocks outside device memory too; without any it equals
 * `currentCost` to the last bit. Blocks of slower tiers are credited at their weights, which load does
 * not dim.
 */
export function tieredCost(
  weights: CostWeights,
  tiers: TierWeights,
  inputTokens: number,
  deviceBlocks: number,
  hostBlocks: number,
  diskBlocks: number,
  sharedBlocks: number,
  prefillTokens: number,
  prefillTokensMin: number,
  blocks: number,
  requests: number,
): number {
  const decay = creditDecay(weights, inputTokens, prefillTokens, prefillTokensMin);
  const credit =
    weights.overlapScoreCredit * decay * deviceBlocks +
    tiers.hostCacheHitWeight * hostBlocks +
    tiers.diskCacheHitWeight * diskBlocks +
    tiers.sharedCacheMultiplier * sharedBlocks;
  const { blockSize } = weights;
  const cached = tieredCachedTokens(tiers, blockSize, deviceBlocks, hostBlocks, diskBlocks);
  return (
    prefillTerm(weights, inputTokens, cached, prefillTokens, credit) +
    blocksTerm(weights, blocks, credit) +
    requestsTerm(weights, requests)
  );
}
