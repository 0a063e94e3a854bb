import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '#test/property/check.ts';
import { costTerms } from './breakdown.ts';
import type { CostWeights } from './cost-model.ts';
import { currentCost } from './current/current.ts';
import { costV10 } from './v1-0/v1-0.ts';

const WEIGHTS: CostWeights = {
  overlapScoreCredit: 1,
  overlapScoreCreditDecay: 0,
  prefillLoadScale: 2,
  decodeActiveRequestWeight: 0,
  blockSize: 16,
  trackPrefillTokens: true,
  decodes: true,
  without: undefined,
};

const INPUTS = {
  inputTokens: 64,
  overlapBlocks: 2,
  prefillTokens: 16,
  prefillTokensMin: 0,
  blocks: 5,
  requests: 4,
};

test('the terms of a cost worked out by hand', () => {
  expect(costTerms('current', WEIGHTS, INPUTS)).toEqual({
    prefill: 2 * (5 - 2),
    blocks: 5,
    requests: 0,
    credit: 2,
    decay: 1,
  });
  const dimmed = { ...WEIGHTS, overlapScoreCreditDecay: 4, decodeActiveRequestWeight: 32 };
  // One block more than the least loaded, of a request of four: 1 / (1 + 4 · 1 / 4).
  expect(costTerms('current', dimmed, INPUTS)).toMatchObject({
    prefill: 8,
    requests: 128,
    credit: 1,
    decay: 0.5,
  });
  expect(costTerms('v1.0', WEIGHTS, INPUTS)).toMatchObject({ prefill: 6, blocks: 5, credit: 2 });
  const untracked = { ...WEIGHTS, trackPrefillTokens: false };
  expect(costTerms('current', untracked, INPUTS)).toMatchObject({ prefill: 0, blocks: 3 });
});

test('the terms add up to what the cost models give, to the last bit', () => {
  const weights = fc.record({
    overlapScoreCredit: fc.constantFrom(0, 0.3, 1, 2),
    overlapScoreCreditDecay: fc.constantFrom(0, 0.7),
    prefillLoadScale: fc.constantFrom(0, 0.1, 1, 3),
    decodeActiveRequestWeight: fc.constantFrom(0, 0.9, 32),
    blockSize: fc.constantFrom(16, 48),
    trackPrefillTokens: fc.boolean(),
    decodes: fc.boolean(),
    without: fc.constantFrom(undefined, 'prefill_load' as const, 'active_blocks' as const),
  });
  const inputs = fc.record({
    inputTokens: fc.integer({ min: 1, max: 5_000 }),
    overlapBlocks: fc.nat(100),
    prefillTokens: fc.nat(9_000),
    prefillTokensMin: fc.nat(3_000),
    blocks: fc.nat(900),
    requests: fc.nat(40),
  });
  check(fc.tuple(weights, inputs), 2_000, ([drawn, given]) => {
    for (const [model, cost] of [
      ['current', currentCost],
      ['v1.0', costV10],
    ] as const) {
      const { prefill, blocks, requests } = costTerms(model, drawn, given);
      const { inputTokens, overlapBlocks, prefillTokens, prefillTokensMin } = given;
      const numbers = [inputTokens, overlapBlocks, prefillTokens, prefillTokensMin] as const;
      const exact = cost(drawn, ...numbers, given.blocks, given.requests);
      expect(prefill + blocks + requests).toBe(exact);
    }
  });
});
