import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { ConstantClock, RenewalClock, TraceClock } from './arrival-clock.ts';
import { ExponentialGaps } from './gaps.ts';

test("the trace's times begin at 0 and come closer by the ratio", () => {
  const clock = new TraceClock(10);
  expect([100, 200, 200, 1100].map((ms) => clock.arrivalNs(ms) / 1e6)).toEqual([0, 10, 10, 100]);
});

test('a constant rate does not drift', () => {
  const clock = new ConstantClock(3);
  const times = Array.from({ length: 301 }, () => clock.arrivalNs());
  expect([times[0], times[1], times[2], times[300]]).toEqual([0, 333_333_333, 666_666_667, 100e9]);
});

test('Poisson arrivals begin at 0, have the rate, gaps that vary as much as their mean', () => {
  const clock = new RenewalClock(50, new ExponentialGaps(openStream(3, 'test')));
  const times = Array.from({ length: 20_001 }, () => clock.arrivalNs() / 1e9);
  expect(times[0]).toBe(0);
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean).toBeCloseTo(1 / 50, 3);
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
});
