import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CostWeights } from '../cost-model.ts';
import { currentCost } from './current.ts';
import { tieredCachedTokens, tieredCost } from './tiered.ts';

const weights: CostWeights = {
  overlapScoreCredit: 1,
  overlapScoreCreditDecay: 0,
  prefillLoadScale: 1,
  decodeActiveRequestWeight: 0,
  blockSize: 1,
  trackPrefillTokens: true,
  decodes: true,
  without: undefined,
};
const tiers = { hostCacheHitWeight: 0.75, diskCacheHitWeight: 0.25, sharedCacheMultiplier: 0.5 };

test('shared blocks behind the device: 1.0 against 2.0 for a worker without them', () => {
  // 4 blocks of one token, 2 of them on the device; the other 2 in the shared cache for one of both.
  expect(tieredCost(weights, tiers, 4, 2, 0, 0, 2, 0, 0, 0, 0)).toBe(1);
  expect(tieredCost(weights, tiers, 4, 2, 0, 0, 0, 0, 0, 0, 0)).toBe(2);
});

test('host and disk are worth their weights, and count as cached for a part', () => {
  const sized = { ...weights, blockSize: 16 };
  // 10 blocks asked, 2 on the device, 4 in host memory, 2 on disk: 10 − 2 − 3 − 0.5.
  expect(tieredCost(sized, tiers, 160, 2, 4, 2, 0, 0, 0, 0, 0)).toBe(4.5);
  expect(tieredCachedTokens(tiers, 16, 2, 4, 2)).toBe(88);
  expect(tieredCachedTokens(tiers, 2, 0, 0, 1)).toBe(1);
});

test('a decoding pool without prefill tracking credits all tiers against its blocks', () => {
  const untracked = { ...weights, trackPrefillTokens: false };
  expect(tieredCost(untracked, tiers, 4, 3, 4, 0, 2, 0, 0, 10, 0)).toBe(3);
  expect(tieredCost({ ...untracked, decodes: false }, tiers, 4, 3, 4, 0, 2, 0, 0, 10, 0)).toBe(10);
});

test('without a block outside device memory it is the current cost, to the last bit', () => {
  const number = fc.double({ min: 0, max: 1000, noNaN: true });
  const count = fc.nat({ max: 5000 });
  const drawn = fc.record({
    overlapScoreCredit: number,
    overlapScoreCreditDecay: number,
    prefillLoadScale: number,
    decodeActiveRequestWeight: number,
    blockSize: fc.integer({ min: 1, max: 512 }),
    trackPrefillTokens: fc.boolean(),
    decodes: fc.boolean(),
    without: fc.constantFrom(undefined, 'prefill_load' as const, 'active_blocks' as const),
  });
  fc.assert(
    fc.property(
      drawn,
      count,
      count,
      count,
      count,
      count,
      (all, tokens, hits, prefill, blocks, n) => {
        const plain = currentCost(all, tokens + 1, hits, prefill, 0, blocks, n);
        expect(tieredCost(all, tiers, tokens + 1, hits, 0, 0, 0, prefill, 0, blocks, n)).toBe(
          plain,
        );
      },
    ),
  );
});
