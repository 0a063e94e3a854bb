import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestRank } from '../report/statistics.ts';
import { blockOf, drawWeights, sortByValue, weightedPercentile } from './blocks.ts';

test('blocks are runs of consecutive rows of nearly equal length', () => {
  const blocks = Array.from({ length: 10 }, (_, row) => blockOf(row, 10, 4));
  expect(blocks).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 3, 3]);
});

test('every resample draws as many units as there are, and the seed decides which', () => {
  const weights = drawWeights(7, 12, 50);
  for (let resample = 0; resample < 50; resample++) {
    const own = weights.subarray(resample * 12, (resample + 1) * 12);
    expect(own.reduce((sum, times) => sum + times, 0)).toBe(12);
  }
  expect(drawWeights(7, 12, 50)).toEqual(weights);
  expect(drawWeights(8, 12, 50)).not.toEqual(weights);
});

test('a weighted percentile equals the percentile of the values written out', () => {
  const row = fc.record({ value: fc.integer({ min: 0, max: 50 }), block: fc.nat({ max: 4 }) });
  const weight = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 60 }),
      fc.array(weight, { minLength: 5, maxLength: 5 }),
      fc.constantFrom(0, 1, 50, 90, 99, 100),
      (rows, weightList, percentile) => {
        const written = rows.flatMap(({ value, block }) => Array(weightList[block]).fill(value));
        written.sort((a, b) => a - b);
        const sorted = sortByValue(
          Float64Array.from(rows, ({ value }) => value),
          Uint16Array.from(rows, ({ block }) => block),
          5,
        );
        const actual = weightedPercentile(sorted, percentile, Uint16Array.from(weightList), 0);
        const expected = written[nearestRank(written.length, percentile)] ?? Number.NaN;
        expect(actual).toBe(expected);
      },
    ),
    { seed: 42 },
  );
});
