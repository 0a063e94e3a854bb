import { expect, test } from 'vitest';
import { msToNs, NS_PER_MS, NS_PER_S, nsToSeconds, secondsToNs } from './time.ts';

test('a second is a thousand milliseconds, a million microseconds, 10⁹ nanoseconds', () => {
  expect([NS_PER_MS, NS_PER_S]).toEqual([1e6, 1e9]);
  expect(msToNs(1)).toBe(1_000_000);
  expect(secondsToNs(1.5)).toBe(1_500_000_000);
  expect(nsToSeconds(250_000_000)).toBe(0.25);
});

test('durations are rounded to the nearest nanosecond, half up', () => {
  expect(msToNs(0.0000004)).toBe(0);
  expect(msToNs(0.0000005)).toBe(1);
  expect(msToNs(0.1 + 0.2)).toBe(300_000);
});

test('every nanosecond of a month survives the way to milliseconds and back', () => {
  const month = 31 * 86_400 * NS_PER_S;
  for (const ns of [1, 3, 999_999, 1_000_001, month - 1, month + 7]) {
    expect(msToNs(ns / NS_PER_MS)).toBe(ns);
  }
});
