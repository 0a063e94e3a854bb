import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { readConfig } from '#ui/cli/config-file.ts';
import { loadTrace } from '#ui/cli/load-trace.ts';
import { statusLines } from '#ui/cli/views/status-lines.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'ui', 'cli', 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
const journal = join(folder, 'run.journal.jsonl');

let mocks: RunningMocks;
let router: ChildProcess;
let url = '';
const said: string[] = [];

/** A prompt of a document that three requests share, and a question of its own. */
function prompt(document: number, question: number): readonly number[] {
  const text = Array.from({ length: 96 }, (_, at) => 300 + ((7 * document + at) % 500));
  return [...text, 900 + question];
}

async function ask(document: number, question: number, more: object = {}): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-dynamo-session-id': `s${document}` },
    body: JSON.stringify({
      model: 'tiny',
      prompt: prompt(document, question),
      max_tokens: 6,
      ...more,
    }),
  });
}

async function statusNow(): Promise<ServeStatus> {
  return (await fetch(`${url}/status`)).json() as Promise<ServeStatus>;
}

beforeAll(async () => {
  mocks = await startMockEngines({ count: 2, speed: 1 });
  const engines = mocks.engines.map(({ name, url: engine, kvEvents, kvReplay }) => ({
    ...{ name, url: engine, block_size: 16, kv_events: kvEvents, kv_replay: kvReplay },
  }));
  const config = { http: { port: 0 }, engines, journal: { path: 'run.journal.jsonl' } };
  writeFileSync(join(folder, 'serve.yaml'), JSON.stringify(config));
  const args = [MAIN, 'serve', '--config', join(folder, 'serve.yaml'), '--set', 'seed=7'];
  router = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  router.stderr!.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  router.stdout!.setEncoding('utf8');
  const [line] = (await once(router.stdout!, 'data')) as [string];
  expect(line).toMatch(/^http:\/\/127\.0\.0\.1:\d+ serves engine-0, engine-1 by kv_router\n$/);
  url = line.split(' ')[0]!;
}, 60_000);

afterAll(async () => {
  router?.kill('SIGKILL');
  await mocks?.close();
  rmSync(folder, { recursive: true });
});

test('requests are answered, follow their prefixes, and leave the books empty', async () => {
  for (let document = 0; document < 4; document++) {
    const answer = (await (await ask(document, 0)).json()) as { choices: unknown[] };
    expect(answer.choices).toHaveLength(1);
  }
  // The engines have said what they hold before anybody comes back for it.
  await expect
    .poll(async () => cachedBlocks(await statusNow()), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(24);
  const again = await Promise.all([0, 1, 2, 3, 0, 1, 2, 3].map((one, at) => ask(one, 1 + at)));
  for (const answer of again) {
    const { usage } = (await answer.json()) as { usage: Record<string, Record<string, number>> };
    expect(usage.prompt_tokens_details!.cached_tokens).toBe(96);
  }
  const streamed = await (await ask(9, 0, { stream: true })).text();
  expect(streamed.trimEnd().endsWith('data: [DONE]')).toBe(true);
  // A client that leaves in the middle takes its load along.
  const leaver = new AbortController();
  const long = fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: prompt(5, 5), max_tokens: 15_000, stream: true }),
    signal: leaver.signal,
  });
  const reader = (await long).body!.getReader();
  await reader.read();
  expect((await statusNow()).books.requests).toBe(1);
  leaver.abort();
  await expect.poll(async () => (await statusNow()).books.requests, { timeout: 20_000 }).toBe(0);
  const status = await statusNow();
  expect(status).toMatchObject({ mode: 'kv_router', block_size: 16, routed: 14, refused: {} });
  expect(status.hit_rate).toBeCloseTo((8 * 6) / (14 * 6), 9);
  const text = statusLines(url, status).join('\n');
  expect(text).toMatch(/engine-1 +0 +aggregated +static +up +0 +0 +0 +\d+ +exact/);
  expect(text).toContain('hit rate   57.14 % of prompt blocks');
}, 60_000);

test('SIGTERM ends it with exit code 0, and its journal gives every decision again', async () => {
  router.kill('SIGTERM');
  expect(await once(router, 'exit')).toEqual([0, null]);
  expect(said.join('')).toBe('note: requests under way may end; a second signal cuts them off\n');
  const verifier = new JournalVerifier(journal);
  verifier.push(readFileSync(journal));
  expect(verifier.finish()).toMatchObject({ whole: true, decisions: 14, difference: undefined });
  const { value } = readConfig(journal);
  const config = resolveConfig(value);
  expect(config.cluster.workers).toBe(2);
  expect(config.engine.block_size).toBe(16);
  expect(config.seed).toBe(7);
  const trace = await loadTrace(journal, config, false);
  expect(trace).toMatchObject({ requests: 14, sessions: 5, traceBlockSize: 16 });
  expect([...trace.batches[0]!.outputTokens.subarray(0, 13)]).toEqual(Array(13).fill(6));
}, 60_000);

/** KV blocks that all engines hold, as the router knows. */
function cachedBlocks({ engines }: ServeStatus): number {
  const ranks = engines.flatMap((engine) => engine.ranks);
  return ranks.reduce((sum, { cached_blocks }) => sum + cached_blocks, 0);
}
