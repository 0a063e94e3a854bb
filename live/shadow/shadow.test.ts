import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { SentRequest } from '../routing/placement-watch.ts';
import { Shadow } from './shadow.ts';
import { ShadowMetrics } from './shadow-metrics.ts';

const timing = { type: 'linear', base_ms: 10, per_prefill_token_ms: 0.1 };
const run = resolveConfig({ engine: { block_size: 16, num_gpu_blocks: 256, timing } });

const notes: string[] = [];
const clock = { atMs: 0, nowNs: () => clock.atMs * 1e6 };
let shadow: Shadow | undefined;

afterEach(async () => {
  await shadow?.close();
  notes.length = 0;
});

function open(config: ResolvedConfig): Shadow {
  shadow = new Shadow({
    config: {
      ...{ window: 64, drift_band: 0.25, drift_floor_ms: 0, queue_facts: 64 },
      advise_requests: 100,
    },
    ...{ run: config, knowsBlocks: true, clock, note: (text: string) => notes.push(text) },
  });
  return shadow;
}

function request(atMs: number): SentRequest {
  const prompt = { inputTokens: 100, hashes: [1n, 2n, 3n, 4n, 5n, 6n] };
  const ask = { prompt, outputTokens: 0, maxOutputTokens: 3, priority: 0, strictPriority: 0 };
  const engine = { name: 'a', backend: 'vllm', url: '', worker: 0, target: 0, dpSize: 1 } as const;
  return {
    ask: { ...ask, task: 'generate' },
    engine: { ...engine, role: 'aggregated' },
    ...{ rank: 0, overlapBlocks: 0, queuedNs: 0, atNs: atMs * 1e6 },
  };
}

/** A request whose tokens come `times` as late as the shadow says: 20 ms, or 10 with its prompt cached. */
async function serve(beside: Shadow, index: number, times: number): Promise<void> {
  const fromMs = index * 1000;
  clock.atMs = fromMs;
  const before = beside.status().forecasts;
  const watch = beside.sent(request(fromMs))!;
  await expect.poll(() => beside.status().forecasts, { timeout: 20_000 }).toBe(before + 1);
  const firstMs = (index === 0 ? 20 : 10.4) * times;
  for (const [token, atMs] of [firstMs, firstMs + 10 * times, firstMs + 20 * times].entries()) {
    clock.atMs = fromMs + atMs;
    watch.progress(token + 1);
  }
  watch.ended(true);
}

test('predictions that come true are without error; a step of the engine raises the alarm, and its end takes it back', async () => {
  const beside = open(run);
  for (let index = 0; index < 10; index++) await serve(beside, index, 1);
  const { ttft, e2e, ...well } = beside.status();
  expect(well).toMatchObject({ state: 'running', forecasts: 10, late: 0, dropped: 0 });
  expect(ttft.errors).toMatchObject({ count: 10, p50: 0, absolute: { p90: 0 } });
  expect([ttft.drift, e2e.drift]).toEqual(['none', 'none']);
  for (let index = 10; index < 16; index++) await serve(beside, index, 4);
  expect(beside.status()).toMatchObject({ ttft: { drift: 'longer', alarms: 1 } });
  expect(notes[0]).toBe(
    'shadow: drift alarm: TTFT is longer than predicted, lastly 41.6 ms instead of 10.4 ms',
  );
  for (let index = 16; index < 40; index++) await serve(beside, index, 1);
  expect(beside.status()).toMatchObject({ ttft: { drift: 'none', alarms: 1 } });
  expect(notes.at(-1)).toMatch(/^shadow: predictions of (TTFT|E2E) hold again$/);
}, 60_000);

test('metrics have the errors, the drift and what the shadow has done', async () => {
  const beside = open(run);
  const registry = new Registry();
  new ShadowMetrics(registry, beside);
  for (let index = 0; index < 3; index++) await serve(beside, index, 2);
  const text = await registry.metrics();
  expect(text).toContain('windtunnel_shadow_up 1\n');
  expect(text).toContain('windtunnel_shadow_requests{state="forecast"} 3\n');
  expect(text).toContain(
    'windtunnel_shadow_window_error_ratio{metric="ttft",sign="signed",stat="p50"} -0.5\n',
  );
  expect(text).toContain('windtunnel_shadow_prediction_error_ratio_count{metric="e2e"} 3\n');
  expect(text).toContain('windtunnel_shadow_drift{metric="ttft"} 0\n');
}, 60_000);

test('a shadow that dies says so, and nobody waits for it', async () => {
  const beside = open({} as ResolvedConfig);
  const watch = beside.sent(request(0))!;
  await expect.poll(() => beside.status().state, { timeout: 20_000 }).toBe('dead');
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^shadow: it has died, the router goes on without: /);
  watch.progress(1);
  watch.ended(true);
  expect(beside.sent(request(1))).toBeUndefined();
  expect(beside.status()).toMatchObject({ late: 0, facts_waiting: 0 });
});
