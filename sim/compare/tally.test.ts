import { expect, test } from 'vitest';
import { METRICS } from './metrics.ts';
import { handOutcome, noisyOutcome } from './outcome.fixture.ts';
import type { Outcome } from './outcome.ts';
import { ComparisonTally, type TallyResult } from './tally.ts';
import { judge, type MetricDelta } from './verdict.ts';

function tally(seeds: readonly (readonly Outcome[])[], seed = 42): TallyResult {
  const result = new ComparisonTally({
    candidates: seeds[0]!.length,
    seeds: seeds.length,
    requests: seeds[0]![0]!.rows,
    seed,
  });
  for (const outcomes of seeds) result.addSeed(outcomes);
  return result.finish();
}

/** Candidate 1 against candidate 0. */
function delta(result: TallyResult, key: string): MetricDelta {
  const index = METRICS.findIndex((metric) => metric.key === key);
  const [baseline, candidate] = result.series;
  const found = judge(METRICS[index]!, candidate![index]!, baseline![index]!, result.units);
  if (found === undefined) throw new Error(`no ${key}`);
  return found;
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('metrics are those of the requests that every candidate completed', () => {
  const first = handOutcome([
    { arrivalMs: 0, admitMs: 0, tokensMs: [10, 20] },
    { arrivalMs: 0, admitMs: 0, tokensMs: [30] },
  ]);
  const second = handOutcome([
    { arrivalMs: 0, admitMs: 0, tokensMs: [5, 35] },
    { arrivalMs: 0, terminalMs: 0, status: 'rejected' },
  ]);
  const result = tally([[first, second]]);
  expect(result).toMatchObject({ pairedRequests: 1, unpairedRequests: [1, 0] });
  const ttft = delta(result, 'ttft_ms_mean');
  expect(ttft).toMatchObject({ ratio: { estimate: 0.5 }, difference: { estimate: -5 } });
  expect(delta(result, 'itl_ms_mean').ratio?.estimate).toBe(3);
  expect(ttft.verdict).toBe('not_assessed');
});

test('identical candidates: no difference detected, in every metric and under both units', () => {
  for (const count of [1, 6]) {
    const result = tally(
      seeds(count).map((s) => [noisyOutcome(s, 200, 1), noisyOutcome(s, 200, 1)]),
    );
    expect(result.unit).toBe(count === 1 ? 'request_block' : 'seed');
    for (const { key, source } of METRICS) {
      if (key === 'goodput_request_rps') continue;
      const { verdict } = delta(result, key);
      expect(['no_difference_detected', 'not_assessed'], key).toContain(verdict);
      if (source.kind !== 'run') expect(verdict, key).toBe('no_difference_detected');
    }
  }
});

test('a shift of 10 % is found, and the interval covers it', () => {
  for (const count of [1, 8]) {
    const pairs = seeds(count).map((s) => [noisyOutcome(s, 200, 1), noisyOutcome(s, 200, 1.1, 5)]);
    const { ratio, verdict } = delta(tally(pairs), 'ttft_ms_mean');
    expect(verdict).toBe('worse');
    expect(ratio?.low).toBeLessThan(1.1);
    expect(ratio?.high).toBeGreaterThan(1.1);
  }
});

test('the better direction depends on the metric', () => {
  const pairs = seeds(6).map((s) => [noisyOutcome(s, 100, 1), noisyOutcome(s, 100, 0.8)]);
  expect(delta(tally(pairs), 'ttft_ms_mean').verdict).toBe('better');
  const more = seeds(6).map(() => {
    const outcome = (reused: number): Outcome =>
      handOutcome(
        Array.from({ length: 20 }, (_, row) => ({
          arrivalMs: row,
          admitMs: row,
          tokensMs: [row + 5],
          reused: [0, reused] as const,
        })),
      );
    return [outcome(20), outcome(40)];
  });
  expect(delta(tally(more), 'prefix_cache_reused_ratio')).toMatchObject({
    verdict: 'better',
    ratio: { estimate: 2, low: 2, high: 2 },
  });
});

test('the interval covers a true ratio of 1 about as often as it says', () => {
  // Independent noise on both sides over 6 seeds; 95 % of 60 trials is 57.
  let covered = 0;
  for (let trial = 0; trial < 60; trial++) {
    const pairs = seeds(6).map((s) => {
      const seed = trial * 100 + s;
      return [noisyOutcome(seed, 12, 1), noisyOutcome(seed + 50, 12, 1)];
    });
    if (delta(tally(pairs, trial), 'ttft_ms_mean').verdict === 'no_difference_detected') covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(52);
});

test('the same seed gives the same intervals', () => {
  const pairs = seeds(5).map((s) => [noisyOutcome(s, 50, 1), noisyOutcome(s, 50, 1.02, 9)]);
  expect(delta(tally(pairs), 'ttft_ms_p99')).toEqual(delta(tally(pairs), 'ttft_ms_p99'));
  expect(delta(tally(pairs, 1), 'ttft_ms_mean')).not.toEqual(delta(tally(pairs), 'ttft_ms_mean'));
});
