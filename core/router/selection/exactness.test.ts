import { expect, test } from 'vitest';
import type { CostWeights } from '../cost/cost-model.ts';
import { costsAreExact, discountedKeyBound } from './exactness.ts';

const weights: CostWeights = {
  overlapScoreCredit: 1,
  overlapScoreCreditDecay: 0,
  prefillLoadScale: 1,
  decodeActiveRequestWeight: 0,
  blockSize: 64,
  trackPrefillTokens: true,
  decodes: true,
  without: undefined,
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

test('what a target may have in load grows with what it may have shared, never to less', () => {
  expect(discountedKeyBound(30, 20, 5)).toBeGreaterThan(15);
  expect(discountedKeyBound(30, 20, 5)).toBeCloseTo(15, 9);
  expect(discountedKeyBound(Infinity, 20, 5)).toBe(Infinity);
});
