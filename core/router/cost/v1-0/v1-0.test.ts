import { expect, test } from 'vitest';
import type { CostWeights } from '../cost-model.ts';
import { costV10 } from './v1-0.ts';

const weights: CostWeights = {
  overlapScoreCredit: 1,
  overlapScoreCreditDecay: 0,
  prefillLoadScale: 2,
  decodeActiveRequestWeight: 0,
  blockSize: 16,
  trackPrefillTokens: true,
  decodes: true,
  without: undefined,
};

test('weight times uncached prefill blocks, plus the blocks in use', () => {
  // (16 + 64 − 3 · 16) / 16 = 2 blocks, twice, plus 5.
  expect(costV10(weights, 64, 3, 16, 0, 5, 9)).toBe(9);
});
