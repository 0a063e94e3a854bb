import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockHashes, chainedHash } from '#core/tokens/block-hash.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/until.ts';
import { encodeRouterEvents, type RouterEvent } from '../dynamo/router-event.ts';
import { decodeSnapshot, encodeSnapshot } from './bincode.ts';
import { connectNats } from './connect-nats.ts';
import { DurableFeed, publishDurably } from './durable-feed.ts';
import { bucketOf, planeSubjectOf, queueSubjectOf, streamOf } from './names.ts';
import { NatsPlaneSubscriber, publishToNats } from './nats-plane.ts';

const SIZE = 2;
const PROMPT = [1, 2, 3, 4, 5, 6];
const LOCALS = blockHashes(PROMPT, SIZE);
const WORKER = 2n ** 63n + 5n;
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
  await until('both messages have come', () => plane.undecodable === 1);
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
  expect([feed.undecodable, feed.index.stateOf(0)]).toEqual([1, 'unverified']);
  await feed.snapshot();
  await publishDurably(client, component, jsonOf(stored(3, 2)));
  const late = new IndexFacts();
  const second = await open('router-2', late);
  await until('the late router knows all', () => late.overlap(0, PROMPT, SIZE) === 3);
  expect([second.index.stateOf(0), second.undecodable]).toEqual(['unverified', 0]);
  expect(late.forest.find(chainedHash(LOCALS[0]!, LOCALS[1]!))).toBeGreaterThanOrEqual(0);
  await feed.close();
  await second.close();
  expect(late.index.blocksOf(0)).toBe(0);
});
