import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import { readLoggedEvents } from './read-events.ts';
import { TrtllmFeed } from './trtllm-feed.ts';

const SIZE = 2;
const PROMPT = [1, 2, 3, 4, 5, 6];
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** Answers polls as TensorRT-LLM does: what has gathered, once. */
async function openEngine() {
  let waiting: string[] = [];
  const server = createServer((request, answer) => {
    if (request.method !== 'POST' || request.url !== '/kv_cache_events') answer.statusCode = 404;
    const text = waiting.length === 1 && waiting[0]!.startsWith('!') ? waiting[0]! : undefined;
    answer.end(text ?? `[${waiting.join()}]`);
    waiting = [];
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ close: () => server.close() });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, log: (...events: string[]) => waiting.push(...events) };
}

function listen(url: string, ranks = 1) {
  const facts = new IndexFacts();
  const feed = new TrtllmFeed({
    name: 'a',
    url,
    target: 0,
    ranks,
    blockSize: SIZE,
    facts,
    intervalMs: 1,
  });
  open.push(feed);
  const overlap = (rank = 0) => facts.overlap(rank, PROMPT, SIZE);
  return {
    feed,
    facts,
    overlap,
    state: () =>
      feed
        .statuses()
        .map(({ state }) => state)
        .join(),
  };
}

/** Names beyond 2^53, as the engine writes them. */
const name = (n: number) => `96228246651918066${80 + n}`;

function logged(id: number, data: string, more = ''): string {
  return `{"event_id":${id},${more}"data":${data}}`;
}

function stored(first: number, count: number, more = ''): string {
  const blocks = Array.from({ length: count }, (_, at) => {
    const tokens = PROMPT.slice((first + at) * SIZE, (first + at + 1) * SIZE);
    const unique = tokens.map((token) => `{"type":"unique_token","token_id":${token}}`);
    return `{"type":"stored_block","block_hash":${name(first + at)},"tokens":[${unique}],"cache_level":0${more}}`;
  });
  return `{"type":"stored","parent_hash":${first === 0 ? null : name(first - 1)},"blocks":[${blocks}]}`;
}

const CREATED = '{"type":"created","num_blocks_per_cache_level":[10,10]}';

test('integers that a number cannot hold keep every digit', () => {
  const [event] = readLoggedEvents(`[${logged(0, stored(0, 1))}]`, SIZE);
  expect(event?.events[0]).toMatchObject({ hashes: [9622824665191806680n], tokens: [1, 2] });
  expect(() => readLoggedEvents('!', SIZE)).toThrow('no JSON');
  expect(() => readLoggedEvents('[{"event_id":1}]', SIZE)).toThrow('id and data');
});

test('what polling brings is indexed, moved and removed', async () => {
  const engine = await openEngine();
  const { facts, overlap, state, feed } = listen(engine.url);
  engine.log(logged(0, CREATED), logged(1, stored(0, 3)));
  await until('three blocks are known', () => overlap() === 3);
  expect(state()).toBe('unverified');
  const level = '"cache_level":{"type":"event_diff","new_value":1,"old_value":0}';
  engine.log(logged(2, `{"type":"updated","block_hash":${name(2)},${level}}`));
  await until('the third is in host memory', () => overlap() === 2);
  expect(facts.below(0, PROMPT, SIZE).host).toBe(1);
  engine.log(logged(3, `{"type":"removed","block_hashes":[${name(2)},${name(1)}]}`));
  await until('the second is gone', () => overlap() === 1);
  expect(facts.below(0, PROMPT, SIZE).host).toBe(0);
  expect(feed.statuses()[0]!.blocks.unknownRemovals).toBe(0);
});

test('another poller, an unreadable answer and a new cache are told apart', async () => {
  const engine = await openEngine();
  const { overlap, state, feed } = listen(engine.url);
  engine.log(logged(0, CREATED), logged(1, stored(0, 1)));
  await until('a block is known', () => overlap() === 1);
  engine.log(logged(5, '{"type":"removed","block_hashes":[]}'));
  await until('the gap is seen', () => state() === 'degraded');
  expect([overlap(), feed.statuses()[0]!.lack]).toEqual([0, 'gap']);
  engine.log(logged(0, CREATED), logged(1, stored(0, 2)));
  await until('the new cache is known', () => overlap() === 2);
  expect(state()).toBe('unverified');
  engine.log('!');
  await until('the answer is refused', () => state() === 'degraded');
  expect(feed.statuses()[0]!.lack).toBe('unreadable_batch');
});

test('of several windows the largest counts, and each rank has a log of its own', async () => {
  const engine = await openEngine();
  const { overlap } = listen(engine.url, 2);
  engine.log(
    logged(0, CREATED, '"window_size":4096,'),
    logged(1, stored(0, 3), '"window_size":512,'),
    logged(0, CREATED, '"window_size":4096,"attention_dp_rank":1,'),
    logged(1, stored(0, 2), '"window_size":4096,"attention_dp_rank":1,'),
  );
  await until('the second rank is known', () => overlap(1) === 2);
  expect(overlap(0)).toBe(0);
});
