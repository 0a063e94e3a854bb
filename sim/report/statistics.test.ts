import { expect, test } from 'vitest';
import { QuantileSketch } from '#core/base/sketch.ts';
import { describeGaps, describeSamples, nearestRank, thinPercentiles } from './statistics.ts';

test('nearest rank rounds half away from zero', () => {
  expect(nearestRank(1, 99)).toBe(0);
  expect(nearestRank(2, 50)).toBe(1);
  expect(nearestRank(11, 95)).toBe(10);
  expect(nearestRank(101, 75)).toBe(75);
});

test('a distribution of four has the numbers that a hand finds', () => {
  const statistics = describeSamples(Float64Array.of(40, 10, 30, 20));
  expect(statistics).toEqual({
    n: 4,
    mean: 25,
    std: Math.sqrt(125),
    min: 10,
    p50: 30,
    p75: 30,
    p90: 40,
    p95: 40,
    p99: 40,
    max: 40,
    few_samples: ['p50', 'p75', 'p90', 'p95', 'p99'],
  });
});

test('no sample, no number', () => {
  expect(describeSamples(new Float64Array())).toEqual({ n: 0 });
  expect(describeGaps({ count: 0, sumMs: 0, sketchNs: new QuantileSketch() })).toEqual({ n: 0 });
});

test('a percentile is marked until ten samples lie beyond it', () => {
  expect(thinPercentiles(999)).toEqual(['p99']);
  expect(thinPercentiles(1000)).toEqual([]);
  expect(thinPercentiles(199)).toEqual(['p95', 'p99']);
  expect(thinPercentiles(19)).toEqual(['p50', 'p75', 'p90', 'p95', 'p99']);
  expect(describeSamples(new Float64Array(1000)).few_samples).toBeUndefined();
});

test('gaps have an exact mean and percentiles within 0.1 %', () => {
  const sketchNs = new QuantileSketch();
  sketchNs.add(10e6, 900);
  sketchNs.add(40e6, 100);
  const gaps = describeGaps({ count: 1000, sumMs: 13_000, sketchNs });
  expect(gaps.mean).toBe(13);
  expect(gaps.min).toBe(10);
  expect(gaps.max).toBe(40);
  expect(Math.abs(gaps.p50! / 10 - 1)).toBeLessThanOrEqual(0.001);
  expect(Math.abs(gaps.p95! / 40 - 1)).toBeLessThanOrEqual(0.001);
  // Mean 13, mean of squares 250.
  expect(gaps.std).toBeCloseTo(9, 9);
});
