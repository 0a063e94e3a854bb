import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { jitterArrivals, timeResolutionNs } from './jitter.ts';

test('the resolution is the smallest step between two different times', () => {
  expect(timeResolutionNs(Float64Array.of(3000, 0, 3000, 9000, 5000))).toBe(2000);
  expect(timeResolutionNs(Float64Array.of(7, 7, 7))).toBe(0);
  expect(timeResolutionNs(new Float64Array())).toBe(0);
});

test('each arrival stays within its own step, whole nanoseconds, and the draw fills the step', () => {
  const exact = Float64Array.from({ length: 3000 }, (_, index) => Math.floor(index / 2) * 3000);
  const times = exact.slice();
  jitterArrivals(times, openStream(4, 'test'));
  const moved = [...times].map((time, index) => time - exact[index]!);
  expect(moved.every((by) => Number.isInteger(by) && by >= 0 && by < 3000)).toBe(true);
  expect(moved.reduce((sum, by) => sum + by, 0) / moved.length).toBeGreaterThan(1400);
  expect(Math.max(...moved)).toBeGreaterThan(2900);
});

test('a trace whose times are all equal has nothing to vary', () => {
  const times = Float64Array.of(5, 5);
  jitterArrivals(times, openStream(4, 'test'));
  expect([...times]).toEqual([5, 5]);
});
