import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { drawWeights } from './blocks.ts';
import { compareAll, pairsOf } from './compare-all.ts';
import { holmAdjust } from './holm.ts';
import { METRICS, type Metric } from './metrics.ts';
import { differenceP } from './p-value.ts';
import { type MetricSeries, resampleSeeds } from './series-tally.ts';

test('the smallest of three counts three times, the next twice, and none falls back', () => {
  expect(holmAdjust([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
  expect(holmAdjust([0.5, 0.9])).toEqual([1, 1]);
  expect(holmAdjust([])).toEqual([]);
});

test('an adjusted value lies between its own and that of Bonferroni, in the same order', () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(p, { minLength: 1, maxLength: 30 }), (values) => {
      const adjusted = holmAdjust(values);
      for (const [index, value] of values.entries()) {
        expect(adjusted[index]).toBeGreaterThanOrEqual(value);
        expect(adjusted[index]).toBeLessThanOrEqual(Math.min(1, values.length * value));
        for (const [other, otherValue] of values.entries()) {
          if (value < otherValue) {
            expect(adjusted[index]).toBeLessThanOrEqual(adjusted[other]!);
          }
        }
      }
    }),
    { seed: 42 },
  );
});

const SEEDS = 6;
const RESAMPLES = 2_000;

function seriesOf(values: readonly number[], weights: Uint16Array): MetricSeries {
  const estimate = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { estimate, replicates: resampleSeeds(values, weights, RESAMPLES) };
}

test('over seeds p is that of the paired t test', () => {
  const weights = drawWeights(42, SEEDS, 50_000);
  const a = [10, 12, 9, 11, 10, 14];
  const b = [9, 10, 9, 9.5, 8, 11];
  // Differences 1, 2, 0, 1.5, 2, 3: mean 1.5833, s 1.0206, t = 3.8000, 5 degrees: p = 0.01264.
  const series = [a, b].map((values) => ({
    estimate: values.reduce((sum, value) => sum + value, 0) / SEEDS,
    replicates: resampleSeeds(values, weights, 50_000),
  }));
  expect(differenceP(series[0]!, series[1]!, SEEDS)).toBeCloseTo(0.01264, 3);
});

test('equal series differ with p = 1, a constant shift with p = 0', () => {
  const weights = drawWeights(42, SEEDS, RESAMPLES);
  const own = seriesOf([1, 2, 3, 4, 5, 6], weights);
  const shifted = seriesOf([2, 3, 4, 5, 6, 7], weights);
  expect(differenceP(own, own, SEEDS)).toBe(1);
  expect(differenceP(own, shifted, SEEDS)).toBeLessThan(1e-9);
  expect(differenceP(own, { estimate: 3 }, SEEDS)).toBeUndefined();
});

/** Four candidates, four metrics, no difference anywhere: which verdicts see one? */
function nullTrial(trial: number): { readonly alone: boolean; readonly corrected: boolean } {
  const random = openStream(trial, 'test.null');
  const weights = drawWeights(trial, SEEDS, RESAMPLES);
  const metrics: readonly Metric[] = METRICS.slice(0, 4);
  const series = Array.from({ length: 4 }, () =>
    metrics.map(() => {
      return seriesOf(
        Array.from({ length: SEEDS }, () => 100 + 10 * random.nextNormal()),
        weights,
      );
    }),
  );
  const keys = metrics.map(({ key }) => key);
  const pairs = pairsOf(4, 0, false);
  const judged = compareAll({ series, units: SEEDS, pairedRequests: 9_999 }, metrics, pairs, keys);
  expect(judged.comparisons).toBe(12);
  const found = pairs.flatMap(([a, b]) => Object.values(judged.of(a, b)));
  const sees = (verdict: string | undefined) => verdict === 'better' || verdict === 'worse';
  return {
    alone: found.some(({ verdict }) => sees(verdict)),
    corrected: found.some(({ verdict_holm }) => sees(verdict_holm)),
  };
}

test('with no difference anywhere, few comparisons see one after the correction', () => {
  const trials = Array.from({ length: 120 }, (_, trial) => nullTrial(trial));
  const alone = trials.filter((trial) => trial.alone).length;
  const corrected = trials.filter((trial) => trial.corrected).length;
  // Twelve verdicts at 5 % each err somewhere in far more than 5 % of the trials.
  expect(alone).toBeGreaterThan(30);
  // 5 % of 120 are 6; three standard deviations above lie 13.
  expect(corrected).toBeLessThanOrEqual(13);
});
