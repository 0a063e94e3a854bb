import { expect, test } from 'vitest';
import type { ClassProfile, PolicyClass } from './class-profile.ts';
import { thresholdTokens } from './class-profile.ts';
import { ClassSelection } from './class-selection.ts';
import { PolicyNames } from './policy-names.ts';

function member(name: string, family?: string, bucket?: string): PolicyClass {
  const rule = { name, queuePolicy: 'fcfs' as const, quantum: 1 };
  return family === undefined || bucket === undefined ? rule : { ...rule, family, bucket };
}

const profile: ClassProfile = {
  defaultFamily: 'standard',
  buckets: [
    { name: 'cached', minTokens: 0 },
    { name: 'short', minTokens: 100 },
    { name: 'long', minTokens: 3_000 },
  ],
  classes: [
    member('p-long', 'premium', 'long'),
    member('vip'),
    member('s-cached', 'standard', 'cached'),
    member('s-short', 'standard', 'short'),
    member('s-long', 'standard', 'long'),
    member('p-cached', 'premium', 'cached'),
    member('p-short', 'premium', 'short'),
  ],
};

test.each([
  ['standard', 0, 's-cached'],
  ['standard', 99, 's-cached'],
  ['standard', 100, 's-short'],
  ['standard', 2_999, 's-short'],
  ['standard', 3_000, 's-long'],
  ['premium', 1e9, 'p-long'],
  ['premium', 5, 'p-cached'],
  ['vip', 5, 'vip'],
  ['vip', 5_000, 'vip'],
  ['nobody', 100, 's-short'],
  ['', 100, 's-short'],
  // A class of the matrix is no name to ask for.
  ['p-long', 100, 's-short'],
])('%s with %d uncached tokens goes to %s', (name, uncachedTokens, expected) => {
  const number = new PolicyNames(profile).numberOf(name);
  const chosen = new ClassSelection(profile).select(number, uncachedTokens);
  expect(profile.classes[chosen]?.name).toBe(expected);
});

test('either threshold makes a target busy, and none never does', () => {
  const rule = member('a');
  expect(thresholdTokens(rule, 1_000)).toBe(Infinity);
  expect(thresholdTokens({ ...rule, busyThresholdTokens: 50 }, 1_000)).toBe(50);
  expect(thresholdTokens({ ...rule, busyThresholdFraction: 0.5 }, 1_000)).toBe(500);
  const both = { ...rule, busyThresholdTokens: 700, busyThresholdFraction: 0.5 };
  expect(thresholdTokens(both, 1_000)).toBe(500);
});
