import { expect, test } from 'vitest';
import { newBypassQuery } from '../bypass-query.ts';
import { BYPASS_SHORT, REMOTE } from '../verdict.ts';
import { IslBounding } from './isl-bounding.ts';

function judge(promptTokens: number, cachedTokens: number, ratio = 0.7): number {
  const policy = new IslBounding({ effIslThreshold: 2048, effIslRatioThreshold: ratio });
  return policy.judge({ ...newBypassQuery(), promptTokens, cachedTokens });
}

test('a prompt bypasses when what is left to prefill is short, and a small part of it', () => {
  expect(judge(1000, 896)).toBe(BYPASS_SHORT);
  expect(judge(100_000, 64_000)).toBe(REMOTE);
  expect(judge(200, 0)).toBe(REMOTE);
});

test('neither bound may be reached', () => {
  expect(judge(4096, 2048)).toBe(REMOTE);
  expect(judge(4096, 2049)).toBe(BYPASS_SHORT);
  expect(judge(1000, 300)).toBe(REMOTE);
  expect(judge(1000, 301)).toBe(BYPASS_SHORT);
  expect(judge(200, 0, 1)).toBe(REMOTE);
});

test('a prompt that is all cached, and a count of cached tokens that exceeds it', () => {
  expect(judge(640, 640)).toBe(BYPASS_SHORT);
  expect(judge(500, 640)).toBe(BYPASS_SHORT);
});
