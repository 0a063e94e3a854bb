import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { blockHashes } from '#core/tokens/block-hash.ts';
import { workerIdOf } from '#live/events/dynamo/worker-targets.ts';
import { publishDurably } from '#live/events/nats/durable-feed.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { NatsServer } from '#test/support/nats-server.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';
import { until } from '#test/support/until.ts';

const PROMPT = Array.from({ length: 65 }, (_, at) => 300 + at);
const FULL_BLOCKS = 4;

let mocks: RunningMocks;
let nats: NatsServer;
const routers: ServeInProcess[] = [];

beforeAll(async () => {
  [mocks, nats] = await Promise.all([startMockEngines({ count: 2 }), NatsServer.start()]);
});

afterEach(async () => {
  await Promise.all(routers.splice(0).map((router) => router.close()));
});

afterAll(async () => {
  await Promise.all([mocks.close(), nats.stop()]);
});

/** The mock engines, with the sockets of their KV events or without. */
function engines(tell: boolean, ids: readonly string[] = []): readonly object[] {
  return mocks.engines.map(({ name, url, kvEvents, kvReplay }, at) => ({
    ...{ name, url, block_size: 16 },
    ...(tell && { kv_events: kvEvents, kv_replay: kvReplay }),
    ...(ids[at] !== undefined && { worker_id: ids[at] }),
  }));
}

async function serve(config: object): Promise<ServeInProcess> {
  const router = new ServeInProcess();
  routers.push(router);
  await router.start(config);
  return router;
}

async function cached(router: ServeInProcess): Promise<number> {
  const { engines: all } = await router.status();
  return all.flatMap(({ ranks }) => ranks).reduce((sum, rank) => sum + rank.cached_blocks, 0);
}

/** Sends a prompt through one router, and expects the other to know where its blocks are. */
async function expectShared(near: ServeInProcess, far: ServeInProcess): Promise<void> {
  const first = await near.complete(PROMPT);
  const engine = first.headers.get('x-windtunnel-engine');
  await first.text();
  await until('the far router knows the blocks', async () => (await cached(far)) >= FULL_BLOCKS);
  const again = await far.complete(PROMPT);
  expect(again.headers.get('x-windtunnel-engine')).toBe(engine);
  expect(again.headers.get('x-windtunnel-overlap-blocks')).toBe(String(FULL_BLOCKS));
  await again.text();
}

test('what one router knows from its engines another learns over ZMQ', async () => {
  const near = await serve({
    engines: engines(true),
    event_plane: { publish: { zmq: 'tcp://127.0.0.1:*' } },
  });
  const { publishes_at: address } = (await near.status()).event_plane;
  const far = await serve({
    engines: engines(false),
    event_plane: { subscribe: { zmq: [address] } },
  });
  await expectShared(near, far);
  const { subscribed, ranks } = (await far.status()).event_plane;
  expect(subscribed).toMatchObject({ over: 'zmq', undecodable: 0, addresses: [address] });
  expect(ranks.map(({ state }) => state)).toContain('unverified');
  const metrics = await (await fetch(`${far.url}/metrics`)).text();
  expect(metrics).toMatch(/windtunnel_event_plane_events [1-9]/);
  expect(metrics).toContain('windtunnel_event_plane_gaps 0');
});

test('the same over NATS, where whoever comes late learns everything with the next repetition', async () => {
  const place = { url: nats.url, namespace: 'two', component: 'routers' };
  const near = await serve({
    engines: engines(true),
    event_plane: { publish: { nats: place, repeat_secs: 0.1 } },
  });
  // Something is there to be told before anybody listens.
  await (await near.complete(PROMPT)).text();
  await until('the near router knows its engines', async () => (await cached(near)) > 0);
  const far = await serve({
    engines: engines(false),
    event_plane: { subscribe: { nats: place } },
  });
  await until('the far router is told', async () => (await cached(far)) > 0);
  await expectShared(near, far);
});

test("Dynamo 1.0's stream of events is read through a durable consumer", async () => {
  const connection = await connect({ servers: nats.url });
  const component = { namespace: 'dynamo', component: 'backend' };
  const ids = ['18446744073709551615', '7'];
  const subscribe = { jetstream: { url: nats.url, ...component, consumer: 'router-1' } };
  const router = await serve({ engines: engines(false, ids), event_plane: { subscribe } });
  const [first, second] = blockHashes(PROMPT, 16);
  const stored = [
    `{"parent_hash":null,"blocks":[{"block_hash":11,"tokens_hash":${first}}]}`,
    `{"parent_hash":11,"blocks":[{"block_hash":12,"tokens_hash":${second}}]}`,
  ];
  for (const [at, blocks] of stored.entries()) {
    const event = `{"event_id":${at + 1},"data":{"stored":${blocks}},"dp_rank":0}`;
    const json = `{"worker_id":${ids[0]},"event":${event}}`;
    await publishDurably(jetstream(connection), component, json);
  }
  await connection.close();
  await until('both blocks are known', async () => (await cached(router)) === 2);
  const answer = await router.complete(PROMPT);
  expect(answer.headers.get('x-windtunnel-engine')).toBe('engine-0');
  expect(answer.headers.get('x-windtunnel-overlap-blocks')).toBe('2');
  await answer.text();
  expect((await router.status()).event_plane.subscribed).toMatchObject({ over: 'jetstream' });
});

test('a server that does not answer is refused by the key that names it', async () => {
  const place = { url: 'nats://127.0.0.1:1' };
  const refused = serve({
    engines: engines(false),
    event_plane: { subscribe: { nats: place } },
  });
  await expect(refused).rejects.toThrow(
    /^event_plane\.subscribe\.nats\.url: no NATS server answers \(.*\); received "nats:\/\/127\.0\.0\.1:1"; start it/,
  );
});

test('an engine without an id has the one of its name, at every router', () => {
  expect(workerIdOf('engine-0')).toBe(workerIdOf('engine-0'));
  expect(workerIdOf('engine-0')).not.toBe(workerIdOf('engine-1'));
  expect(workerIdOf('engine-0')).toBeLessThan(2n ** 53n);
});
