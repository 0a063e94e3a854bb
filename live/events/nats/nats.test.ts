import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockHashes, chainedHash } from '#core/tokens/block-hash.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/until.ts';
import { encodeRouterEvents, type RouterEvent } from '../dynamo/router-event.ts';
import { decodeSnapshot, encodeSnapshot } from './bincode.ts';
import { connectNats } from './connect-nats.ts';
import { DurableFeed, publishDurably } from './durable-feed.ts';
import { bucketOf, planeSubjectOf, queueSubjectOf, streamOf } from './names.ts';
import { NatsPlaneSubscriber, publishToNats } from './nats-plane.ts';
import { NatsPlanePublisher } from './nats-publisher.ts';

const SIZE = 2;
const PROMPT = [1, 2, 3, 4, 5, 6];
const LOCALS = blockHashes(PROMPT, SIZE);
const WORKER = 2n ** 63n + 5n;
/** Messages that come up while a server is away. */
const AWAY_TURNS = 100;
const component = { namespace: 'dyn_amo', component: 'Backend' };
const targetOf = (worker: bigint) => (worker === WORKER ? 0 : undefined);

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await NatsServer.start();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** The engine's name of the n-th block of the prompt. */
const name = (n: number) => BigInt(n + 1) * 10n ** 18n;

function stored(id: number, n: number): RouterEvent {
  const parent = n === 0 ? undefined : name(n - 1);
  const names = { hashes: [name(n)], localHashes: [LOCALS[n]!] };
  return {
    worker: WORKER,
    rank: 0,
    id,
    event: { kind: 'stored_hashes', tier: 'device', parent, ...names },
  };
}

/** The event as JSON, integers of 64 bits with every digit. */
function jsonOf({ id, event }: RouterEvent): string {
  if (event.kind !== 'stored_hashes') throw new Error('only stores are published here');
  const block = `{"block_hash":${event.hashes[0]},"tokens_hash":${event.localHashes[0]}}`;
  const data = `{"stored":{"parent_hash":${event.parent ?? null},"blocks":[${block}]}}`;
  return `{"worker_id":${WORKER},"event":{"event_id":${id},"data":${data},"dp_rank":0}}`;
}

test('a server that does not answer is named without its password', async () => {
  const refusal = await connectNats('nats://u:topsecret@127.0.0.1:1', 'nats.url').then(
    () => 'connected',
    (error: Error) => error.message,
  );
  expect(refusal).toMatch(
    /^nats\.url: no NATS server answers .*nats:\/\/\[hidden\]@127\.0\.0\.1:1/,
  );
  expect(refusal).not.toContain('topsecret');
});

test('streams, buckets and subjects have the names that Dynamo gives them', () => {
  expect(streamOf(component)).toBe('namespace-dyn-amo-component-backend-kv-events');
  expect(queueSubjectOf(component)).toBe('namespace-dyn-amo-component-backend-kv-events.queue');
  expect(bucketOf(component)).toBe('namespace-dyn-amo-component-backend-radix-bucket');
  expect(planeSubjectOf(component, 'generate.a', 'kv-events')).toBe(
    'namespace.dyn_amo.component.Backend.endpoint.generate%2Ea.kv-events',
  );
});

test.each(['plain', 'tiered'] as const)('a %s snapshot is read as it was written', (layout) => {
  const removed = { kind: 'removed', tier: 'device', hashes: [7n] } as const;
  const events: RouterEvent[] = [
    stored(0, 0),
    stored(1, 1),
    {
      worker: 1n,
      rank: 3,
      id: 2,
      event: { ...removed, group: { index: undefined, kind: undefined } },
    },
    { worker: 1n, rank: 0, id: 3, event: { kind: 'cleared' } },
  ];
  const bytes = encodeSnapshot(events, layout);
  expect(decodeSnapshot(bytes)).toEqual(events);
  expect(() => decodeSnapshot(bytes.subarray(1))).toThrow('no snapshot');
});

test('events come over NATS Core in the envelope of the event plane', async () => {
  const facts = new IndexFacts();
  const subject = planeSubjectOf(component, 'generate', 'kv-events');
  const plane = new NatsPlaneSubscriber({ connection, subject, facts, targetOf });
  const head = { publisher: 7, publishedAtMs: 1, topic: 'kv-events' };
  publishToNats(connection, subject, [
    { ...head, sequence: 0, payload: encodeRouterEvents([stored(1, 0), stored(2, 1)]) },
  ]);
  connection.publish(subject, 'no envelope');
  await until('both messages have come', () => plane.index.undecodable === 1);
  expect([facts.overlap(0, PROMPT, SIZE), plane.index.stateOf(0)]).toEqual([2, 'unverified']);
  plane.close();
});

test('a stream, a durable consumer and a snapshot make one history', async () => {
  const client = jetstream(connection);
  const open = (consumer: string, facts: IndexFacts) =>
    DurableFeed.open({ connection, component, consumer, facts, targetOf });
  const first = new IndexFacts();
  const feed = await open('router-1', first);
  await publishDurably(client, component, jsonOf(stored(1, 0)));
  await publishDurably(client, component, 'no event');
  await publishDurably(client, component, jsonOf(stored(2, 1)));
  await until('two blocks are known', () => first.overlap(0, PROMPT, SIZE) === 2);
  expect([feed.index.undecodable, feed.index.stateOf(0)]).toEqual([1, 'unverified']);
  await feed.snapshot();
  await publishDurably(client, component, jsonOf(stored(3, 2)));
  const late = new IndexFacts();
  const second = await open('router-2', late);
  await until('the late router knows all', () => late.overlap(0, PROMPT, SIZE) === 3);
  expect([second.index.stateOf(0), second.index.undecodable]).toEqual(['unverified', 0]);
  expect(late.forest.find(chainedHash(LOCALS[0]!, LOCALS[1]!))).toBeGreaterThanOrEqual(0);
  await feed.close();
  await second.close();
  expect(late.index.blocksOf(0)).toBe(0);
});

test('a consumer that the server has lost is made again, and the stream is read from its beginning', async (context) => {
  const own = { namespace: 'lost', component: 'consumer' };
  const facts = new IndexFacts();
  const place = { connection, component: own, consumer: 'router-1', facts, targetOf };
  const feed = await DurableFeed.open(place);
  context.onTestFinished(() => feed.close());
  const client = jetstream(connection);
  await publishDurably(client, own, jsonOf(stored(1, 0)));
  await until('a block is known', () => facts.overlap(0, PROMPT, SIZE) === 1);
  const manager = await jetstreamManager(connection);
  await manager.consumers.delete(streamOf(own), 'router-1');
  await publishDurably(client, own, jsonOf(stored(2, 1)));
  await until('both blocks are known', () => facts.overlap(0, PROMPT, SIZE) === 2);
  expect([feed.index.stateOf(0), feed.problem]).toEqual(['unverified', undefined]);
});

test('a server that comes back without its streams is followed again, and what it has lost is forgotten', async (context) => {
  const [port] = await freePorts(1);
  let lossy = await NatsServer.start(port);
  context.onTestFinished(() => lossy.stop());
  const link = await connect({
    servers: lossy.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  context.onTestFinished(() => link.close());
  const facts = new IndexFacts();
  const feed = await DurableFeed.open({
    ...{ connection: link, component, consumer: 'router-1', facts, targetOf },
  });
  context.onTestFinished(() => feed.close());
  await publishDurably(jetstream(link), component, jsonOf(stored(1, 0)));
  await publishDurably(jetstream(link), component, jsonOf(stored(2, 1)));
  await until('two blocks are known', () => facts.overlap(0, PROMPT, SIZE) === 2);
  await lossy.stop();
  lossy = await NatsServer.start(port);
  await until('what was known is forgotten', () => feed.index.stateOf(0) === 'degraded');
  expect(facts.overlap(0, PROMPT, SIZE)).toBe(0);
  await until('the stream is followed again', () => feed.problem === undefined);
  await publishDurably(jetstream(link), component, jsonOf(stored(1, 0)));
  await until('what it says is known', () => facts.overlap(0, PROMPT, SIZE) === 1);
  expect(feed.index.stateOf(0)).toBe('unverified');
});

test('while the server is away nothing is kept for it, and all is told when it is back', async (context) => {
  const [port] = await freePorts(1);
  let restarted = await NatsServer.start(port);
  context.onTestFinished(() => restarted.stop());
  const servers = restarted.url;
  const link = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  context.onTestFinished(() => link.close());
  const subject = planeSubjectOf(component, 'generate', 'kv-events');
  const publisher = new NatsPlanePublisher({
    ...{ connection: link, subject, publisher: 7, topic: 'kv-events', facts: new IndexFacts() },
    ...{ repeatMs: 0, nowMs: Date.now, workerOf: () => ({ worker: WORKER, rank: 0 }) },
  });
  context.onTestFinished(() => publisher.close());
  const facts = new IndexFacts();
  const plane = new NatsPlaneSubscriber({ connection: link, subject, facts, targetOf });
  let messages = 0;
  const count = (): void => {
    messages++;
  };
  link.subscribe(subject, { callback: count });
  await link.flush();
  const node = publisher.facts.plant(-1, LOCALS[0]!);
  publisher.facts.stored(0, node);
  await until('a block is known', () => facts.overlap(0, PROMPT, SIZE) === 1);
  await restarted.stop();
  const second = publisher.facts.plant(node, LOCALS[1]!);
  for (let turn = 1; turn <= AWAY_TURNS; turn++) {
    publisher.facts.stored(0, second);
    await until('it is dropped', () => publisher.counts.dropped >= turn);
  }
  restarted = await NatsServer.start(port);
  await until('both blocks are known', () => facts.overlap(0, PROMPT, SIZE) === 2);
  expect(publisher.counts).toMatchObject({ sent: 2, dropped: AWAY_TURNS });
  expect(messages).toBe(2);
  plane.close();
});
