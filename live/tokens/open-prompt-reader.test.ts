import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { startClock, startTimers } from '#live/clock.ts';
import { needReference } from '#test/shared.ts';
import { startMockEngines } from '#test/support/mock-engines.ts';
import { startScriptedEngine } from '#test/support/scripted-engine.ts';
import { writeTinyTokenizer } from '#test/support/tiny-tokenizer.ts';
import { engineReader } from './engine-reader.ts';
import { openPromptReader } from './open-prompt-reader.ts';
import type { PromptSource } from './prompt-reader.ts';
import { tokenIdsReader } from './token-ids-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-reader-'));
const tiny = writeTinyTokenizer();
const clock = startClock();
afterAll(() => {
  for (const made of [folder, tiny.folder]) rmSync(made, { recursive: true });
});

function source(route: PromptSource['route'], body: object): PromptSource {
  const bytes = new JsonObject(Buffer.from(JSON.stringify({ model: 'tiny', ...body })));
  return { route, body: bytes, model: 'tiny', salt: {} };
}

const ofTokens = (prompt: readonly number[]) =>
  tokenIdsReader(16).read(source('completions', { prompt }));

const words = 'hello world, '.repeat(20);
const chat = { messages: [{ role: 'user', content: words }] };

function open(tokenizer: object, engines: readonly object[] = [{}]) {
  const entries = engines.map((engine, at) => ({
    name: `e${at}`,
    url: `http://h:${at + 1}`,
    ...engine,
  }));
  const config = resolveServe({ engines: entries, tokenizer });
  const note = (): void => undefined;
  const timers = startTimers();
  const rest = { engines: () => [], clock, timers, note };
  return openPromptReader({ config, folder, blockSize: 16, ...rest });
}

test('a tokenizer on threads gives the blocks of its tokens, whatever order prompts end in', async () => {
  const opened = await open({ path: tiny.folder, threads: 2 });
  const texts = ['', 'x', words, `${words}and on`, 'é'.repeat(40)];
  const read = await Promise.all(
    texts.map((prompt) => opened.reader.read(source('completions', { prompt }))),
  );
  expect(opened.source).toBe('local');
  expect(read.map((blocks) => blocks?.inputTokens)).toEqual([
    1,
    1,
    20 * 'hello world, '.length - 20 * 'ello'.length - 20,
    20 * 'hello world, '.length - 20 * 'ello'.length - 20 + 'and on'.length,
    80,
  ]);
  const [, , first, longer] = read;
  const blocks = first!.hashes.length;
  const common = (hashes: ArrayLike<bigint>) => Array.from(hashes).slice(0, blocks - 1);
  expect(common(longer!.hashes)).toEqual(common(first!.hashes));
  await opened.close();
  expect((await opened.reader.read(source('completions', { prompt: 'x' })))?.inputTokens).toBe(1);
});

test('files that make no tokenizer are refused by what is wrong with them', async () => {
  await expect(open({ path: 'nowhere' })).rejects.toThrow(/tokenizer.path: there is no .*nowhere/);
  writeFileSync(join(folder, 'tokenizer.json'), '{"model":');
  await expect(open({ path: '.' })).rejects.toThrow(/tokenizer\.json: cannot be read/);
  writeFileSync(join(folder, 'tokenizer.json'), '{"version":"1.0"}');
  await expect(open({ path: '.' })).rejects.toThrow(/tokenizer.path: no tokenizer can be made/);
});

test.each([
  [{}, [{}], 'text'],
  [{}, [{}, { kv_events: 'tcp://127.0.0.1:5557' }], 'engine'],
  [{ source: 'text' }, [{ kv_events: 'tcp://127.0.0.1:5557' }], 'text'],
])('%j with engines %j reads by %s', async (tokenizer, engines, expected) => {
  const opened = await open(tokenizer, engines);
  expect(opened.source).toBe(expected);
  // Whoever is asked for text, and knows nothing, leaves it to its bytes.
  expect(await opened.reader.read(source('chat', chat))).toBeDefined();
  await opened.reader.read(source('completions', { prompt: [1] }));
  expect(opened.counts).toEqual({ token_ids: 1, local: 0, engine: 0, text: 1 });
});

test.each([
  [{ source: 'local' }, 'tokenizer.source: impossible: a tokenizer of its own needs files'],
  [{ source: 'text', path: '.' }, 'nothing is tokenized here while the source is text'],
  [{ threads: 2 }, 'tokenizer.threads: impossible'],
  [{ cache_bytes: 0 }, 'tokenizer.cache_bytes: impossible'],
])('a tokenizer that cannot be is refused: %j', async (tokenizer, why) => {
  expect(() => open(tokenizer)).toThrow(why);
});

test('an engine that is asked gives the tokens that it will compute', async () => {
  const mocks = await startMockEngines({ count: 2, kvEvents: false });
  const [{ url }] = mocks.engines as [(typeof mocks.engines)[0]];
  const reader = engineReader({ engines: () => mocks.engines, blockSize: 16, clock });
  const asked = async (path: string, body: object) => {
    const json = JSON.stringify({ model: 'tiny', ...body });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: json });
    return ((await answer.json()) as { tokens: number[] }).tokens;
  };
  expect(await reader.read(source('chat', chat))).toEqual(
    await ofTokens(await asked('/tokenize', chat)),
  );
  const text = await asked('/tokenize', { prompt: words });
  expect(await reader.read(source('completions', { prompt: words }))).toEqual(await ofTokens(text));
  await mocks.close();
  expect(await reader.read(source('completions', { prompt: words }))).toBeUndefined();
});

test("the recorded answers of a real engine's renderer are read; one that renders nothing is asked otherwise", async (context) => {
  const capture = (name: string) => {
    const path = needReference(context, 'peers', 'http', 'vllm-0.32.0-scale-out', `${name}.http`);
    const [request, answer] = readFileSync(path).toString('latin1').split('\n--------\n');
    return { body: JSON.parse(request!.split('\r\n\r\n')[1]!) as object, answer: answer! };
  };
  const { body, answer } = capture('render-chat');
  const refusal = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n';
  const tokenize = '{"count":2,"max_model_len":640,"tokens":[7,8]}';
  const engine = await startScriptedEngine(({ path, socket }, turn) => {
    if (path === '/tokenize') {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${tokenize.length}\r\n\r\n${tokenize}`);
    } else socket.end(Buffer.from(turn === 0 ? answer : refusal, 'latin1'));
  });
  const reader = engineReader({ engines: () => [engine], blockSize: 16, clock });
  const recorded = await reader.read(source('chat', body));
  expect(recorded?.inputTokens).toBe(24);
  expect(recorded?.hashes).toHaveLength(1);
  for (let turn = 0; turn < 2; turn++) {
    expect((await reader.read(source('chat', body)))?.inputTokens).toBe(2);
  }
  // That it does not render was remembered.
  expect(engine.requests.map(({ path }) => path.split('/').at(-1))).toEqual([
    ...['render', 'render'],
    ...['tokenize', 'tokenize'],
  ]);
  await engine.close();
});
