import { expect, test } from 'vitest';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { buildComparison, type Comparison } from './comparison.ts';
import { HAND_TRACE, noisyOutcome } from './outcome.fixture.ts';
import { renderComparisonMarkdown, renderComparisonTable } from './render.ts';
import { allSeedEffects } from './seed-effects.ts';
import { sentences, spread } from './sentence.ts';
import { ComparisonTally } from './tally.ts';
import { type Unjudged, unjudgedMetrics } from './unjudged.ts';

const GOLDEN = '../../test/golden/compare';

function compareThree(seeds: readonly number[], unjudged?: readonly Unjudged[]): Comparison {
  const tally = new ComparisonTally({
    candidates: 3,
    seeds: seeds.length,
    requests: 200,
    seed: 42,
  });
  for (const seed of seeds) {
    const base = noisyOutcome(seed, 200, 1);
    tally.addSeed([base, noisyOutcome(seed, 200, 0.74, 3), noisyOutcome(seed, 200, 1, 20)]);
  }
  const names = ['round_robin', 'kv_router', 'least_loaded'];
  return buildComparison(tally.finish(), {
    trace: HAND_TRACE,
    candidates: names.map((name) => ({
      name,
      sets: [`router.mode=${name}`],
      configSha256: name.padEnd(64, '0'),
    })),
    baseline: 0,
    seeds,
    seedVaries: ['ties between equal workers'],
    ...(unjudged && { unjudged }),
  });
}

test('the forms of a comparison are as they were approved', async () => {
  const comparison = compareThree([1, 2, 3, 4, 5, 6]);
  await expect(renderComparisonTable(comparison)).toMatchFileSnapshot(`${GOLDEN}/table.txt`);
  await expect(renderComparisonMarkdown(comparison)).toMatchFileSnapshot(`${GOLDEN}/markdown.txt`);
  await expect(`${canonicalJson(comparison, 2)}\n`).toMatchFileSnapshot(`${GOLDEN}/json.txt`);
});

test('one seed: blocks of requests are drawn, and the run as a whole is not judged', async () => {
  const text = renderComparisonTable(compareThree([1]));
  await expect(text).toMatchFileSnapshot(`${GOLDEN}/one-seed-table.txt`);
});

test('the sentence is worded as hyperfine does', () => {
  const [first, second] = sentences(compareThree([1, 2, 3, 4, 5, 6]));
  expect(first).toMatch(
    /^kv_router: mean TTFT 0\.7\d+ ± 0\.\d+ times round_robin \(n = 6 seeds × 200 paired requests\)$/,
  );
  expect(second).toMatch(/^least_loaded: mean TTFT: no difference detected, /);
});

test('throughput is judged where the candidates set the pace, goodput under one objective', () => {
  const config = (input: object) => resolveConfig(input);
  const closed = config({ workload: { concurrency: 4 } });
  const capped = config({ workload: { max_concurrency: 4 } });
  const open = config({});
  const strict = config({ slo: { ttft_ms: 100 }, workload: { concurrency: 4 } });
  expect(unjudgedMetrics([closed, capped])).toEqual([]);
  const keys = (...configs: Parameters<typeof unjudgedMetrics>[0][number][]) =>
    unjudgedMetrics(configs).flatMap(({ metrics }) => metrics);
  expect(keys(closed, open)).toEqual(['request_throughput_rps', 'output_throughput_tok_s']);
  expect(keys(strict, strict)).toEqual([]);
  expect(keys(strict, closed)).toEqual(['goodput_request_rps']);
});

test('what is not judged keeps its numbers, without a verdict, and the reason is said', () => {
  const seeds = [1, 2, 3, 4, 5, 6];
  const unjudged = [
    ...unjudgedMetrics([resolveConfig({})]),
    { metrics: ['ttft_ms_mean'], reason: 'of this test' },
  ];
  const comparison = compareThree(seeds, unjudged);
  const before = compareThree(seeds).candidates[1]!.metrics;
  const { metrics } = comparison.candidates[1]!;
  expect(before.request_throughput_rps?.verdict).toBe('better');
  expect(metrics.request_throughput_rps).toEqual({
    ...before.request_throughput_rps,
    verdict: 'not_assessed',
  });
  expect(before.ttft_ms_mean?.p_holm).toBeDefined();
  expect(metrics.ttft_ms_mean?.p_holm).toBeUndefined();
  expect(comparison.correction?.metrics).not.toContain('ttft_ms_mean');
  const text = renderComparisonTable(comparison);
  expect(text).toContain(
    'No verdict on request throughput and output throughput: in an open loop the arrivals set',
  );
  expect(sentences(comparison)).toEqual([]);
});

test('a spread has the digits that it needs', () => {
  expect(spread({ estimate: 0.7412, low: 0.72, high: 0.76 })).toBe('0.74 ± 0.02');
  expect(spread({ estimate: 0.7412, low: 0.7402, high: 0.7422 })).toBe('0.741 ± 0.001');
  expect(spread({ estimate: 0.7412, low: 0.7412, high: 0.7412 })).toBe('0.7412 ± 0.0000');
  expect(spread({ estimate: 0.7412 })).toBe('0.74');
});

test('what a seed varies follows from the configs', () => {
  const config = (input: object) => resolveConfig(input);
  expect(allSeedEffects([config({ router: { mode: 'round_robin' } })])).toEqual([]);
  const jittered = { workload: { arrival_jitter: true } };
  expect(
    allSeedEffects([
      config({ ...jittered, router: { mode: 'round_robin' } }),
      config({ ...jittered, router: { mode: 'kv_router', router_temperature: 0.5 } }),
    ]),
  ).toEqual([
    "arrival jitter inside the trace's own time resolution",
    'workers drawn by router temperature',
    'ties between equal workers',
  ]);
});

test('engines that share the polynomial are said to differ in scheduling alone', () => {
  const comparison = compareThree([1]);
  const under = (key: string, text: (name: string) => string) => ({
    ...comparison,
    candidates: comparison.candidates.map((candidate) => ({
      ...candidate,
      set: [`${key}=${candidate.name}`],
      pass_times: [text(candidate.name)],
    })),
  });
  const engines = renderComparisonTable(under('engine.backend', () => 'the polynomial'));
  expect(engines).toContain('Pass times: the polynomial.\nAll candidates share these pass times:');
  const routers = renderComparisonTable(under('router.mode', () => 'the polynomial'));
  expect(routers).toContain('Pass times: the polynomial.');
  expect(routers).not.toContain('share these');
  const apart = renderComparisonTable(under('engine.backend', (name) => name));
  expect(apart).toContain('Pass times with kv_router: kv_router.');
});
