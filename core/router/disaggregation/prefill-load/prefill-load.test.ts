import { expect, test } from 'vitest';
import { newBypassQuery, UNKNOWN } from '../bypass-query.ts';
import { BYPASS_PREFILL_BUSY, BYPASS_PREFILL_REJECTED, REMOTE } from '../verdict.ts';
import { PrefillLoad } from './prefill-load.ts';

const policy = new PrefillLoad(4096);

test.each([
  [UNKNOWN, REMOTE],
  [0, REMOTE],
  [4096, REMOTE],
  [4097, BYPASS_PREFILL_BUSY],
])('%i tokens under way on the prefill worker', (prefillTokens, verdict) => {
  expect(policy.judge({ ...newBypassQuery(), promptTokens: 9000, prefillTokens })).toBe(verdict);
});

test('a threshold of 0 is passed by the first token', () => {
  const strict = new PrefillLoad(0);
  expect(strict.judge({ ...newBypassQuery(), prefillTokens: 0 })).toBe(REMOTE);
  expect(strict.judge({ ...newBypassQuery(), prefillTokens: 1 })).toBe(BYPASS_PREFILL_BUSY);
});

test('a full queue is busy whatever the worker does', () => {
  const query = { ...newBypassQuery(), prefillRejected: true };
  expect(policy.judge(query)).toBe(BYPASS_PREFILL_REJECTED);
});
