import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { AdvisedPolicy, Arrival } from '#live/shadow/advice.ts';
import { openShadow, openShadowRuns } from '#live/shadow/open-shadow.ts';
import { readServeConfig } from '../serve-config.ts';
import { shadowLines } from '../views/shadow-lines.ts';
import { adviseOn } from './advise-window.ts';
import { parseAdvised } from './advised-router.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-advise-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, ...lines: readonly string[]): string {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
}

const serve = file(
  'serve.yaml',
  'engines:',
  '  - {name: a, url: "http://127.0.0.1:1", block_size: 16}',
  '  - {name: b, url: "http://127.0.0.1:2", block_size: 16}',
  'shadow:',
  '  engine: {timing: {type: linear, base_ms: 10, per_prefill_token_ms: 0.05}}',
);
const crowd = file(
  'crowd.ts',
  'export const selection = { scorers: [{ score: ({ worker }: { worker: number }) => -worker }] };',
);

function policiesOf(...advised: readonly string[]): readonly AdvisedPolicy[] {
  const named = advised.map((one) => parseAdvised(`policy=${one}`));
  const { options } = readServeConfig(serve, [], { advise: named });
  const { config, advise } = options;
  return openShadowRuns({ ...config, shadow: config.shadow! }, {}, advise).policies;
}

/** Two documents of ten questions each, by turns: every 20 ms a prompt of 640 tokens. */
const ARRIVALS = Array.from({ length: 200 }, (_, index): Arrival => {
  const hash = (block: number) => BigInt(1000 * (block < 20 ? index % 2 : 10 + index));
  return {
    arrivedNs: 5e9 + 20e6 * index,
    ...{ inputTokens: 640, outputTokens: 8, priority: 0, strictPriority: 0 },
    hashes: BigUint64Array.from({ length: 40 }, (_, block) => hash(block) + BigInt(block)),
  };
});

test('a policy that sends all to one engine is worse, with an interval that says so', () => {
  const advice = adviseOn(policiesOf(crowd, 'round_robin'), ARRIVALS);
  const [current, crowded, turns] = advice.policies;
  expect([current!.name, crowded!.name, turns!.name]).toEqual(['current', 'crowd', 'round_robin']);
  expect(crowded!.file).toBe(crowd);
  expect(advice.requests).toBe(150);
  expect(advice.span_s).toBeCloseTo(199 * 0.02, 9);
  const { ttft_ms_mean: ttft, e2e_ms_mean: e2e } = crowded!.metrics;
  expect(ttft!.low).toBeGreaterThan(1);
  expect(e2e!.low).toBeGreaterThan(1);
  expect([ttft!.verdict, e2e!.verdict]).toEqual(['worse', 'worse']);
  expect(current!.metrics.prefix_cache_reused_ratio!.value).toBeGreaterThan(0.4);
  expect(current!.metrics.ttft_ms_mean).not.toHaveProperty('ratio');
});

test('the policy that serves is no better than itself, and nor does it change between two windows', () => {
  const [current] = policiesOf();
  const twice = adviseOn([current!, { ...current!, name: 'again', file: 'again' }], ARRIVALS);
  expect(twice.policies[1]!.metrics.ttft_ms_mean).toMatchObject({ ratio: 1, low: 1, high: 1 });
  expect(twice.policies[1]!.metrics.ttft_ms_mean!.verdict).toBe('no_difference_detected');
  expect(adviseOn([current!, current!], ARRIVALS).policies[0]!.metrics).toEqual(
    twice.policies[0]!.metrics,
  );
});

test.each([
  ['polcy=a.ts', '--advise: needs a policy; received "polcy=a.ts"; allowed: policy=FILE'],
  ['policy=', '--advise: needs a policy'],
  ['policy=gone.ts', 'gone.ts: there is no such policy file'],
  [
    `policy=${file('both.yaml', 'router: {mode: random}', 'engine: {max_num_seqs: 3}')}`,
    'both.yaml:2: engine: has no effect: only the router is flown; leave it out',
  ],
  [`policy=${file('none.yaml', 'version: 1')}`, 'none.yaml: router: it has no router section'],
  [
    `policy=${file('bad.yaml', 'router:', '  mode: round_robin', '  router_temperature: 0.5')}`,
    'bad.yaml:3: router.router_temperature: has no effect',
  ],
  [
    `policy=${file('current.yaml', 'router: {mode: random}')}`,
    '--advise: the policy that serves is called so; received "current"',
  ],
])('%s is refused', (text, problem) => {
  expect(() => readServeConfig(serve, [], { advise: [parseAdvised(text)] })).toThrow(problem);
});

test('two policies of one name are refused, and a shadow is there for whoever is advised', () => {
  const one = parseAdvised('policy=random');
  expect(() => readServeConfig(serve, [], { advise: [one, one] })).toThrow(
    '--advise: two have one name; received "random"',
  );
  const bare = file('bare.yaml', 'engines: [{name: a, url: "http://127.0.0.1:1"}]');
  expect(readServeConfig(bare, []).options.config.shadow).toBeUndefined();
  expect(readServeConfig(bare, [], { shadow: true }).options.config.shadow).toBeDefined();
  expect(readServeConfig(bare, [], { advise: [one] }).options.config.shadow).toBeDefined();
});

test('behind a router, arrivals go from the shadow to the thread that flies them, window after window', async () => {
  const { options } = readServeConfig(serve, [], { advise: [parseAdvised(`policy=${crowd}`)] });
  const { config, advise } = options;
  const notes: string[] = [];
  let nowNs = 0;
  const clock = { nowNs: () => nowNs };
  const { engines } = config;
  const shadow = openShadow({
    ...{ config, engines, advise, clock, capacities: {} },
    note: (text) => notes.push(text),
  })!;
  const engine = { name: 'a', backend: 'vllm', url: '', worker: 0, target: 0, dpSize: 1 } as const;
  const serveAll = (): void => {
    for (const { hashes, inputTokens, arrivedNs: atNs } of ARRIVALS.slice(0, 60)) {
      const ask = { prompt: { inputTokens, hashes }, outputTokens: 0, priority: 0 };
      const watch = shadow.sent({
        ask: { ...ask, strictPriority: 0, task: 'generate' },
        engine: { ...engine, role: 'aggregated' },
        ...{ rank: 0, overlapBlocks: 0, queuedNs: 0, atNs },
      })!;
      watch.progress(8);
      watch.ended(true);
    }
  };
  try {
    serveAll();
    const adviceNow = () => shadow.status().advice!;
    await expect.poll(() => adviceNow().flown, { timeout: 60_000 }).toBe(1);
    expect(adviceNow()).toMatchObject({ state: 'flying', policies: ['current', 'crowd'] });
    expect(adviceNow().latest!.policies.map(({ name }) => name)).toEqual(['current', 'crowd']);
    expect(adviceNow().latest!.requests).toBe(45);
    nowNs = 75e9;
    expect(adviceNow().age_s).toBe(75);
    const text = shadowLines(shadow.status()).join('\n');
    expect(text).toMatch(/advice +over 45 requests of 1.18 s, flown 1 min ago/);
    expect(text).toMatch(/crowd +[\d.,]+ +\d\.\d{3} +\d\.\d{3} … \d\.\d{3}/);
    serveAll();
    await expect.poll(() => adviceNow().flown, { timeout: 60_000 }).toBeGreaterThan(1);
    expect(notes).toEqual([]);
  } finally {
    await shadow.close();
  }
}, 120_000);
