import { expect, test } from 'vitest';
import { NOWHERE } from '#test/reference/user-policy.ts';
import { newBypassQuery } from '../bypass-query.ts';
import { BYPASS_POLICY, REMOTE } from '../verdict.ts';
import type { DisaggregationRequest } from './disaggregation-rule.ts';
import { UserDisaggregation } from './user-disaggregation.ts';

const query = { ...newBypassQuery(), promptTokens: 900, cachedTokens: 200, prefillTokens: 4096 };

test('the rule is shown what is known, and its answer counts', () => {
  const seen: DisaggregationRequest[] = [];
  const rule = new UserDisaggregation((request) => seen.push(request) > 1, NOWHERE);
  expect(rule.judge(query, 1_500_000_000)).toBe(BYPASS_POLICY);
  expect(rule.judge(query, 1_500_000_000)).toBe(REMOTE);
  expect(seen[0]).toMatchObject({
    nowSeconds: 1.5,
    inputTokens: 900,
    cachedTokens: 200,
    prefillTokens: 4096,
    prefillRejected: false,
    decodeRequests: undefined,
  });
  expect(Object.isFrozen(seen[0])).toBe(true);
});

test('an answer that is neither yes nor no is an error at its place, as is one that throws', () => {
  const vague = new UserDisaggregation((() => 1) as never, NOWHERE);
  expect(() => vague.judge(query, 0)).toThrow(
    'policy.ts: disaggregate: returned nonsense for a prompt of 900 tokens at 0 s; received 1; allowed: true or false',
  );
  const broken = new UserDisaggregation(() => {
    throw new RangeError('too far');
  }, NOWHERE);
  expect(() => broken.judge(query, 0)).toThrow(
    'policy.ts: disaggregate: threw for a prompt of 900 tokens at 0 s: RangeError: too far',
  );
});
