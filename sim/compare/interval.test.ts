import { expect, test } from 'vitest';
import { normalTail, percentileInterval, studentQuantile } from './interval.ts';

test('quantiles of Student t agree with the printed tables', () => {
  // NIST/SEMATECH e-Handbook, table 1.3.6.7.2, 0.975.
  const printed: [number, number][] = [
    [4, 2.776],
    [9, 2.262],
    [19, 2.093],
    [99, 1.984],
  ];
  for (const [degrees, t] of printed) {
    expect(Math.abs(studentQuantile(degrees) / t - 1)).toBeLessThan(0.003);
  }
});

test('the tail of the normal agrees with the printed tables', () => {
  expect(normalTail(0)).toBeCloseTo(0.5, 6);
  expect(normalTail(1.959964)).toBeCloseTo(0.025, 6);
  expect(normalTail(3)).toBeCloseTo(0.00135, 6);
});

test('with many units the interval is that of the plain percentiles', () => {
  const replicates = Float64Array.from({ length: 2001 }, (_, index) => (index * 7) % 2001);
  const interval = percentileInterval(replicates, 100_000);
  expect(interval?.low).toBeCloseTo(50, -1);
  expect(interval?.high).toBeCloseTo(1950, -1);
});

test('fewer units give a wider interval', () => {
  const replicates = Float64Array.from({ length: 2001 }, (_, index) => index);
  const width = (units: number): number => {
    const interval = percentileInterval(replicates, units);
    return interval === undefined ? Number.NaN : interval.high - interval.low;
  };
  expect(width(5)).toBeGreaterThan(width(20));
  expect(width(20)).toBeGreaterThan(width(1000));
});

test('a resample without a value leaves no interval', () => {
  expect(percentileInterval(Float64Array.of(1, Number.NaN, 3), 10)).toBeUndefined();
});
