import { env } from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { parseConfigText } from '#core/config/source.ts';
import { type Serving, startServe } from '#live/serve/start-serve.ts';
import type { ShadowStatus } from '#live/shadow/shadow-status.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { statusLines } from '#ui/cli/views/status-lines.ts';

/** Slow enough for what a busy machine adds to be little: a prompt of 600 tokens takes 640 ms. */
const ENGINE = {
  block_size: 16,
  num_gpu_blocks: 2048,
  timing: { type: 'linear', base_ms: 40, per_prefill_token_ms: 1 },
} as const;

let mocks: RunningMocks;
let serving: Serving;
const notes: string[] = [];

beforeAll(async () => {
  mocks = await startMockEngines({ count: 2, engine: ENGINE });
  const { block_size: _size, num_gpu_blocks: _blocks, ...engine } = ENGINE;
  const engines = mocks.engines.map(({ name, url, kvEvents, kvReplay }) => ({
    ...{ name, url, kv_events: kvEvents, kv_replay: kvReplay },
  }));
  const config = { http: { port: 0 }, engines, shadow: { engine }, router: { mode: 'kv_router' } };
  const { value, place } = parseConfigText(JSON.stringify(config), 'serve.json');
  serving = (await startServe({
    config: resolveServe(value, place),
    ...{ folder: '.', env, program: 'test', signal: new AbortController().signal },
    note: (text) => notes.push(text),
  }))!;
}, 60_000);

afterAll(async () => {
  await serving?.close();
  await mocks?.close();
});

/** Asks for an answer of six tokens to a prompt that nobody has asked before. */
async function ask(question: number, length: number): Promise<void> {
  const prompt = Array.from({ length }, (_, at) => 300 + ((at * 7 + question * 31) % 4000));
  const body = JSON.stringify({ model: 'tiny', prompt, max_tokens: 6, stream: true });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${serving.url}/v1/completions`, { method: 'POST', headers, body });
  expect((await answer.text()).trimEnd().endsWith('data: [DONE]')).toBe(true);
}

function shadowNow(): ShadowStatus {
  return (serving.status() as { readonly shadow: ShadowStatus }).shadow;
}

test('of engines that are as the shadow has them, TTFT and E2E are predicted before they come', async () => {
  for (let question = 0; question < 12; question += 2) {
    await Promise.all([ask(question, 600), ask(question + 1, 600)]);
  }
  const { ttft, e2e, ...shadow } = shadowNow();
  expect(shadow).toMatchObject({ state: 'running', late: 0, dropped: 0, skipped: 0 });
  expect([ttft.errors!.count, e2e.errors!.count]).toEqual([12, 12]);
  expect(ttft.errors!.absolute.p50).toBeLessThan(0.1);
  expect(e2e.errors!.absolute.p50).toBeLessThan(0.1);
  expect([ttft.drift, e2e.drift]).toEqual(['none', 'none']);
  const page = await (await fetch(`${serving.url}/metrics`)).text();
  expect(page).toContain('windtunnel_shadow_up 1\n');
  expect(page).toContain('windtunnel_shadow_prediction_error_ratio_count{metric="ttft"} 12\n');
  expect(page).toContain('windtunnel_shadow_drift{metric="ttft"} 0\n');
}, 60_000);

test('engines that become slow raise the alarm, in the log, the metrics and the status', async () => {
  for (const { url } of mocks.engines) {
    const headers = { 'content-type': 'application/json' };
    await fetch(`${url}/admin/fault`, { method: 'POST', headers, body: '{"slow": 4}' });
  }
  // Four times as long is as much as one error counts: the rule promises an alarm with the sixth.
  for (let question = 100; question < 106; question++) await ask(question, 100);
  expect(shadowNow().ttft).toMatchObject({ drift: 'longer', alarms: 1 });
  await expect.poll(() => shadowNow().e2e.drift, { timeout: 20_000 }).toBe('longer');
  expect(notes.filter((text) => text.includes('drift alarm: TTFT is longer'))).toHaveLength(1);
  const page = await (await fetch(`${serving.url}/metrics`)).text();
  expect(page).toContain('windtunnel_shadow_drift{metric="ttft"} 1\n');
  const text = statusLines(serving.url, serving.status() as Parameters<typeof statusLines>[1]);
  expect(text.join('\n')).toMatch(/drift +ALARM: TTFT longer, E2E longer than predicted/);
}, 60_000);
