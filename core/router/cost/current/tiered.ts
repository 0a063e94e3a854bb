import type { CostWeights } from '../cost-model.ts';
import { creditDecay } from './current.ts';

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
  const { blockSize, overlapScoreCredit, prefillLoadScale, decodeActiveRequestWeight } = weights;
  const load = decodeActiveRequestWeight * requests;
  const tracks = weights.trackPrefillTokens;
  const decay = tracks ? creditDecay(weights, inputTokens, prefillTokens, prefillTokensMin) : 1;
  const credit =
    overlapScoreCredit * decay * deviceBlocks +
    tiers.hostCacheHitWeight * hostBlocks +
    tiers.diskCacheHitWeight * diskBlocks +
    tiers.sharedCacheMultiplier * sharedBlocks;
  if (!tracks) {
    if (weights.decodes && overlapScoreCredit > 0) return Math.max(0, blocks - credit) + load;
    return blocks + load;
  }
  const cached = tieredCachedTokens(tiers, blockSize, deviceBlocks, hostBlocks, diskBlocks);
  const uncached = Math.max(0, inputTokens - cached);
  const prefillBlocks = (prefillTokens + uncached + cached) / blockSize;
  return prefillLoadScale * Math.max(0, prefillBlocks - credit) + blocks + load;
}
