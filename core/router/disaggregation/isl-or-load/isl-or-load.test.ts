import { expect, test } from 'vitest';
import { newBypassQuery } from '../bypass-query.ts';
import { IslBounding } from '../isl-bounding/isl-bounding.ts';
import { PrefillLoad } from '../prefill-load/prefill-load.ts';
import { BYPASS_PREFILL_BUSY, BYPASS_SHORT, REMOTE } from '../verdict.ts';
import { IslOrLoad } from './isl-or-load.ts';

const isl = new IslBounding({ effIslThreshold: 2048, effIslRatioThreshold: 0.7 });
const policy = new IslOrLoad(isl, new PrefillLoad(4096));

test.each([
  [900, 0, BYPASS_SHORT],
  [900, 9000, BYPASS_SHORT],
  [0, 9000, BYPASS_PREFILL_BUSY],
  [0, 0, REMOTE],
])('%i of 1000 tokens cached, %i under way', (cachedTokens, prefillTokens, verdict) => {
  const query = { ...newBypassQuery(), promptTokens: 1000, cachedTokens, prefillTokens };
  expect(policy.judge(query)).toBe(verdict);
});
