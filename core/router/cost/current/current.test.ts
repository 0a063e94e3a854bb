import { expect, test } from 'vitest';
import type { CostWeights } from '../cost-model.ts';
import { cachedBlockWorth, currentCost } from './current.ts';

const weights: CostWeights = {
  overlapScoreCredit: 1,
  overlapScoreCreditDecay: 0,
  prefillLoadScale: 1,
  decodeActiveRequestWeight: 0,
  blockSize: 16,
  trackPrefillTokens: true,
  decodes: true,
  without: undefined,
};

test('prefill before and after the prompt, less the cached blocks, scaled, plus the blocks', () => {
  const scaled = { ...weights, prefillLoadScale: 2 };
  // More is cached than asked for: (16 + 0 + 96) / 16 − 6 = 1, twice, plus 2 + 3.
  expect(currentCost(scaled, 64, 6, 16, 0, 5, 0)).toBe(7);
});

test('a prompt of ten blocks: what is cached weighs against what is in use', () => {
  const costs = [
    { cached: 2, inUse: 10 },
    { cached: 5, inUse: 5 },
    { cached: 8, inUse: 9 },
  ].map(({ cached, inUse }) => currentCost(weights, 160, cached, 0, 0, inUse, 0));
  expect(costs).toEqual([18, 10, 11]);
});

test('without prefill tracking a prefill pool only counts blocks', () => {
  const untracked = { ...weights, trackPrefillTokens: false, decodes: false };
  expect(currentCost(untracked, 64, 6, 16, 0, 5, 0)).toBe(5);
});

test('without prefill tracking a decoding pool credits overlap against blocks, not below zero', () => {
  const untracked = { ...weights, trackPrefillTokens: false };
  expect(currentCost(untracked, 64, 3, 0, 0, 10, 0)).toBe(7);
  expect(currentCost(untracked, 64, 3, 0, 0, 2, 0)).toBe(0);
  expect(currentCost({ ...untracked, overlapScoreCredit: 0 }, 64, 3, 0, 0, 10, 0)).toBe(10);
});

test('each active request costs its weight', () => {
  const weighted = { ...weights, prefillLoadScale: 0, decodeActiveRequestWeight: 32 };
  expect(currentCost(weighted, 64, 0, 0, 0, 100, 4)).toBe(228);
});

test('the credit fades with prefill beyond the least loaded candidate', () => {
  const fading = { ...weights, overlapScoreCreditDecay: 0.5 };
  // 4 blocks of excess over 4 blocks of request: 1 / (1 + 0.5) of 3 blocks.
  expect(currentCost(fading, 64, 3, 80, 16, 0, 0)).toBeCloseTo(9 - 2, 12);
  expect(currentCost(fading, 64, 3, 16, 16, 0, 0)).toBe(5 - 3);
});

test('a term that is left out takes no other with it', () => {
  const scaled = { ...weights, prefillLoadScale: 2, decodeActiveRequestWeight: 32 };
  // 64 tokens are 4 blocks, 1 of them credited, and 1 block waits: 2 · (4 + 1 − 1) + 5 + 32 · 3.
  expect(currentCost(scaled, 64, 1, 16, 0, 5, 3)).toBe(109);
  const noPrefillLoad = { ...scaled, without: 'prefill_load' as const };
  expect(currentCost(noPrefillLoad, 64, 1, 16, 0, 5, 3)).toBe(107);
  const noBlocks = { ...scaled, without: 'active_blocks' as const };
  expect(currentCost(noBlocks, 64, 1, 16, 0, 5, 3)).toBe(104);
});

test('a fraction of a block counts as a fraction', () => {
  expect(currentCost(weights, 24, 0, 4, 0, 2, 0)).toBe(1.75 + 2);
});

test('a cached block is worth its credit, at the price of prefill where that is tracked', () => {
  const scaled = { ...weights, overlapScoreCredit: 3, prefillLoadScale: 2 };
  expect(cachedBlockWorth(scaled)).toBe(6);
  expect(cachedBlockWorth({ ...scaled, trackPrefillTokens: false })).toBe(3);
  expect(cachedBlockWorth({ ...scaled, trackPrefillTokens: false, decodes: false })).toBe(0);
});
