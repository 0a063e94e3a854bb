import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuantileSketch, SKETCH_RELATIVE_ERROR } from './sketch.ts';

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

/** The definition: the sample at rank round((n−1)·q) of all samples sorted. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * q)]!;
}

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

const summaryOf = (sketch: QuantileSketch): readonly (number | undefined)[] => [
  sketch.count,
  sketch.min,
  sketch.max,
  ...QUANTILES.map((q) => sketch.quantile(q)),
];

const sample = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 1_000_000_000 }),
  fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
);
const samples = fc.array(sample, { minLength: 1, maxLength: 300 });

test('without a sample there is no number', () => {
  const sketch = new QuantileSketch();
  expect(summaryOf(sketch).slice(1)).toEqual(new Array(QUANTILES.length + 2).fill(undefined));
  expect(sketch.mean).toBeUndefined();
  expect([sketch.count, sketch.sum]).toEqual([0, 0]);
});

test('one sample is every quantile; zeros count; the ends and the mean are exact', () => {
  expect(sketchOf([17.3]).quantile(0.5)).toBe(17.3);
  const sketch = sketchOf([0, 0, 0, 8]);
  expect(QUANTILES.map((q) => sketch.quantile(q))).toEqual([0, 0, 0, 0, 0, 8, 8, 8, 8]);
  expect([sketch.mean, sketch.min, sketch.max]).toEqual([2, 0, 8]);
});

test('every quantile is within 0.1 % of the sample at its rank', () => {
  fc.assert(
    fc.property(samples, (values) => {
      const sketch = sketchOf(values);
      for (const q of QUANTILES) {
        const exact = exactQuantile(values, q);
        // One part in 10¹² for the rounding of the logarithm at the edge of a bucket.
        const bound = exact * (SKETCH_RELATIVE_ERROR + 1e-12);
        expect(Math.abs(sketch.quantile(q)! - exact)).toBeLessThanOrEqual(bound);
      }
    }),
  );
});

test('merging equals adding everything to one sketch', () => {
  fc.assert(
    fc.property(samples, fc.array(sample, { maxLength: 50 }), (one, other) => {
      const merged = sketchOf(one);
      merged.merge(sketchOf(other));
      const together = sketchOf([...one, ...other]);
      expect(summaryOf(merged)).toEqual(summaryOf(together));
      expect(merged.sum).toBeCloseTo(together.sum, -9);
      const reversed = sketchOf(other);
      reversed.merge(sketchOf(one));
      expect(summaryOf(reversed)).toEqual(summaryOf(together));
    }),
  );
});

test('a run equals adding its value as often', () => {
  const run = fc.tuple(sample, fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 30 }), (runs) => {
      const sketch = new QuantileSketch();
      for (const [value, count] of runs) sketch.add(value, count);
      const single = sketchOf(
        runs.flatMap(([value, count]) => new Array<number>(count).fill(value)),
      );
      expect(summaryOf(sketch)).toEqual(summaryOf(single));
    }),
  );
});

test('a range of one bucket equals adding its samples', () => {
  const bucket = QuantileSketch.bucketOf(1_000);
  const top = QuantileSketch.bucketTop(bucket);
  const values = [top * 0.9985, top * 0.999, top * 0.9995];
  expect(values.map(QuantileSketch.bucketOf)).toEqual([bucket, bucket, bucket]);
  const ranged = new QuantileSketch();
  ranged.addRange(values[0]!, values[2]!, values[0]! + values[1]! + values[2]!, 3);
  expect(summaryOf(ranged)).toEqual(summaryOf(sketchOf(values)));
});

test('what is no sample is refused', () => {
  const sketch = new QuantileSketch();
  for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => sketch.add(value)).toThrow('finite values ≥ 0');
  }
  expect(() => sketch.add(1, 0)).toThrow('positive count');
  expect(() => sketch.quantile(1.01)).toThrow('0..1');
});

test('the standard deviation is that of the population', () => {
  expect(new QuantileSketch().standardDeviation).toBeUndefined();
  // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, variance 4.
  const sketch = sketchOf([2, 9]);
  sketch.add(4, 3);
  sketch.merge(sketchOf([5, 5, 7]));
  expect(sketch.standardDeviation).toBeCloseTo(2, 12);
});

test('the samples up to a value are counted to within a bucket', () => {
  const sketch = new QuantileSketch();
  for (const value of [0, 0, 1, 2, 2, 1000]) sketch.add(value);
  expect([-1, 0, 0.5, 1.01, 2.01, 990, 1000, 5000].map((v) => sketch.countUpTo(v))).toEqual([
    0, 2, 2, 3, 5, 5, 6, 6,
  ]);
  expect(new QuantileSketch().countUpTo(1)).toBe(0);
});

test('what rounding leaves of no spread at all is none', () => {
  const sketch = new QuantileSketch();
  for (let gap = 0; gap < 1000; gap++) sketch.add(25_123_457, 3);
  expect(sketch.standardDeviation).toBe(0);
});
