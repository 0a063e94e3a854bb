import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { endpoint } from '#test/support/front.ts';
import { Availability } from './availability.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { discoverEngine } from './discover.ts';
import { readEngineSettings } from './read-secrets.ts';
import { watchEngine } from './watch-engine.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => server?.close(done) ?? done(undefined));
  server = undefined;
});

/** An engine that answers each path with a text, or 503 where there is none. */
async function pages(texts: Record<string, string>): Promise<string> {
  server = createServer((request, response) => {
    const text = texts[request.url ?? ''];
    response.writeHead(text === undefined ? 503 : 200).end(text);
  });
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const models = '{"data":[{"id":"m","max_model_len":640},{"id":"lora","max_model_len":320}]}';
const info = 'vllm:cache_config_info{block_size="32",num_gpu_blocks="25"} 1\n';

test('an engine is asked for what it is', async () => {
  const url = await pages({ '/v1/models': models, '/metrics': info });
  expect(await discoverEngine({ backend: 'vllm', url })).toEqual({
    models: ['m', 'lora'],
    maxModelLen: 320,
    blockSize: 32,
    numGpuBlocks: 25,
  });
  expect(await discoverEngine({ backend: 'openai', url })).toEqual({
    models: ['m', 'lora'],
    maxModelLen: 320,
  });
});

test('SGLang counts in tokens', async () => {
  const server_info =
    '{"page_size":16,"max_total_num_tokens":1000,"dp_size":2,"max_prefill_tokens":16384,"chunked_prefill_size":4096}';
  const url = await pages({ '/v1/models': '{"data":[{"id":"m"}]}', '/server_info': server_info });
  expect(await discoverEngine({ backend: 'sglang', url })).toEqual({
    models: ['m'],
    blockSize: 16,
    numGpuBlocks: 62,
    maxNumBatchedTokens: 16384,
    chunkedPrefillSize: 4096,
    dataParallelSize: 2,
  });
});

test.each([{}, { '/v1/models': 'nonsense' }, { '/v1/models': '{"data":3}' }])(
  'one that is not up, or says nonsense, is not there: %j',
  async (texts) => {
    expect(await discoverEngine({ backend: 'vllm', url: await pages(texts) })).toBeUndefined();
  },
);

test('an engine that stops answering is left alone until it answers again', async () => {
  const texts: Record<string, string> = {
    '/health': '',
    '/metrics': `${info}vllm:num_requests_running 2\n`,
  };
  const engine = endpoint('a', await pages(texts));
  const told: boolean[] = [];
  const availability = new Availability((_engine, available) => told.push(available));
  const stop = new AbortController();
  const reports: unknown[] = [];
  const reported = (_engine: unknown, report: unknown): void => void reports.push(report);
  const watch = watchEngine({ engine, availability, intervalMs: 5, reported, signal: stop.signal });
  const patience = { timeout: 30_000 };
  await vi.waitFor(() => expect(reports.length).toBeGreaterThan(0), patience);
  expect(reports[0]).toMatchObject({ ranks: [{ rank: 0, runningRequests: 2 }] });
  delete texts['/health'];
  await vi.waitFor(() => expect(told).toEqual([false]), patience);
  texts['/health'] = '';
  await vi.waitFor(() => expect(told).toEqual([false, true]), patience);
  stop.abort();
  await watch;
});

test('an engine is available when nobody has a reason against it', () => {
  const told: [string, boolean][] = [];
  const availability = new Availability(({ name }, available) => told.push([name, available]));
  const engine = endpoint('a', 'http://h');
  availability.unblock(engine, 'failing');
  availability.block(engine, 'failing');
  availability.block(engine, 'unhealthy');
  availability.block(engine, 'unhealthy');
  availability.unblock(engine, 'failing');
  expect(told).toEqual([['a', false]]);
  expect(availability.reasons('a')).toEqual(['unhealthy']);
  availability.unblock(engine, 'unhealthy');
  expect(told).toEqual([
    ['a', false],
    ['a', true],
  ]);
});

test('a breaker opens after so many failures in a row, and one request tries again', () => {
  const breaker = new CircuitBreaker(2);
  expect([breaker.failed(), breaker.tries()]).toEqual([false, false]);
  breaker.succeeded();
  expect([breaker.failed(), breaker.failed(), breaker.failed()]).toEqual([false, true, false]);
  expect(breaker.tries()).toBe(false);
  breaker.rested();
  expect([breaker.tries(), breaker.tries()]).toEqual([true, false]);
  expect([breaker.abandoned(), breaker.abandoned()]).toEqual([true, false]);
  expect([breaker.tries(), breaker.failed(), breaker.answered()]).toEqual([true, true, false]);
  breaker.rested();
  expect([breaker.tries(), breaker.answered(), breaker.answered()]).toEqual([true, true, false]);
  // Answered is not well: what breaks off behind that opens it at once.
  expect(breaker.failed()).toBe(true);
  breaker.succeeded();
  expect([breaker.tries(), breaker.failed()]).toEqual([false, false]);
  const never = new CircuitBreaker(0);
  expect([1, 2, 3, 4].map(() => never.failed())).toEqual([false, false, false, false]);
});

function entries(keys: object): readonly EngineEntry[] {
  return resolveServe({ engines: [{ name: 'a', url: 'http://h:1', ...keys }] }).engines;
}

test('keys come from the environment or a file, and what is wrong with them is told without them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-keys-'));
  writeFileSync(join(folder, 'key'), 'from-file\n');
  writeFileSync(join(folder, 'bad'), 'two words\n');
  const read = (keys: object, env = {}) =>
    readEngineSettings(entries(keys), { env, folder }).get('a');
  expect(read({ api_key_env: 'K' }, { K: 'from-env' })?.apiKey?.reveal()).toBe('from-env');
  expect(read({ api_key_file: 'key' })?.apiKey?.reveal()).toBe('from-file');
  expect(read({})).toEqual({ priorityScheduling: false, bootstrapPort: 8998 });
  expect(() => read({ api_key_env: 'K' })).toThrow(
    'engines[0].api_key_env: there is no key; received "K"',
  );
  expect(() => read({ api_key_file: 'none' })).toThrow(
    /api_key_file: the key cannot be read \(ENOENT\)/,
  );
  expect(() => read({ api_key_file: 'bad' })).toThrow(
    /characters that no header takes(?!.*two words)/,
  );
  rmSync(folder, { recursive: true });
});
