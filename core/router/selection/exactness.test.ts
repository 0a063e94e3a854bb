import { expect, test } from 'vitest';
import type { CostWeights } from '../cost/cost-model.ts';
import { costsAreExact } from './exactness.ts';

const weights: CostWeights = {
  overlapScoreCredit: 1,
  overlapScoreCreditDecay: 0,
  prefillLoadScale: 1,
  decodeActiveRequestWeight: 0,
  blockSize: 64,
  trackPrefillTokens: true,
  decodes: true,
};

test('short binary fractions are exact, others are not', () => {
  expect(costsAreExact(weights)).toBe(true);
  expect(costsAreExact({ ...weights, prefillLoadScale: 0.25, decodeActiveRequestWeight: 8 })).toBe(
    true,
  );
  expect(costsAreExact({ ...weights, blockSize: 48 })).toBe(false);
  expect(costsAreExact({ ...weights, prefillLoadScale: 0.1 })).toBe(false);
  expect(costsAreExact({ ...weights, decodeActiveRequestWeight: 0.3 })).toBe(false);
  expect(costsAreExact({ ...weights, prefillLoadScale: 2 ** 20 })).toBe(false);
});
