import { expect, test } from 'vitest';
import type { HandRequest } from '../report/run-result.fixture.ts';
import { buildComparison, type Comparison } from './comparison.ts';
import { HAND_TRACE, handOutcome } from './outcome.fixture.ts';
import type { Outcome } from './outcome.ts';
import { renderComparisonTable } from './render.ts';
import { ComparisonTally } from './tally.ts';

/** Paid requests take `paidMs` to their first token, free ones `freeMs`, more under later seeds. */
function outcomeOf(seed: number, paidMs: number, freeMs: number): Outcome {
  const requests = Array.from({ length: 40 }, (_, row): HandRequest => {
    const paid = row % 4 === 0;
    const arrivalMs = row * 10;
    const ttftMs = (paid ? paidMs : freeMs) + seed;
    const tokensMs = [arrivalMs + ttftMs, arrivalMs + ttftMs + 5];
    return { arrivalMs, admitMs: arrivalMs, tokensMs, tenant: paid ? 'paid' : 'free' };
  });
  return handOutcome(requests);
}

function compare(seeds: number, allPairs = false): Comparison {
  const tally = new ComparisonTally({ candidates: 3, seeds, requests: 40, seed: 42 });
  for (let seed = 0; seed < seeds; seed++) {
    tally.addSeed([
      outcomeOf(seed, 10, 10),
      outcomeOf(seed, 5, 20 + seed / 7),
      outcomeOf(seed, 10, 10),
    ]);
  }
  const names = ['fcfs', 'by class', 'fcfs again'];
  return buildComparison(tally.finish(), {
    trace: HAND_TRACE,
    candidates: names.map((name) => ({ name, sets: [], configSha256: 'c' })),
    baseline: 0,
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    seedVaries: [],
    allPairs,
  });
}

test.each([1, 6])('what helps one tenant and hurts another is seen in both (%d seeds)', (seeds) => {
  const comparison = compare(seeds);
  const [paid, free] = comparison.tenants!;
  expect([paid!.name, paid!.paired_requests]).toEqual(['paid', 10]);
  expect([free!.name, free!.paired_requests]).toEqual(['free', 30]);
  const ttft = [paid!, free!].map(({ candidates }) => candidates[1]!.metrics.ttft_ms_mean);
  expect(ttft.map((metric) => metric?.verdict)).toEqual(['better', 'worse']);
  expect(ttft.map((metric) => metric?.p_holm)).toEqual([undefined, undefined]);
  expect(paid!.candidates[2]!.metrics.ttft_ms_mean?.verdict).toBe('no_difference_detected');
  expect(paid!.candidates[0]!.metrics.ttft_ms_mean).not.toHaveProperty('difference');
  expect(ttft[0]?.difference?.estimate).toBeCloseTo(-5, 9);
});

test('tenants have tables of their own', async () => {
  await expect(renderComparisonTable(compare(6, true))).toMatchFileSnapshot(
    '../../test/golden/compare/tenants-all-pairs.txt',
  );
});

test('all pairs: each two once, in one family with the rest', () => {
  const comparison = compare(6, true);
  const pairs = comparison.pairs!.map(({ candidate, against }) => [candidate, against]);
  expect(pairs).toEqual([
    ['by class', 'fcfs'],
    ['fcfs again', 'fcfs'],
    ['fcfs again', 'by class'],
  ]);
  // Three pairs times mean and p99 TTFT, mean ITL, mean E2E; there is no goodput.
  expect(comparison.correction).toMatchObject({ method: 'holm', alpha: 0.05, comparisons: 12 });
  expect(comparison.correction?.metrics).not.toContain('goodput_request_rps');
  const last = comparison.pairs![2]!.metrics.ttft_ms_mean;
  expect(last).toMatchObject({ verdict: 'better', verdict_holm: 'better' });
  expect(comparison.candidates[1]!.metrics.ttft_ms_mean?.p_holm).toBeDefined();
});
