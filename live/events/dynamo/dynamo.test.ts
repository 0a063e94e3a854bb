import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Subscriber } from 'zeromq';
import { ownFaults } from '#live/faults.ts';
import { needReference } from '#test/shared.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import { BlockBook } from '../book/block-book.ts';
import { decodePlaneMessage, encodePlaneMessage } from './envelope.ts';
import { PlaneIndex } from './plane-index.ts';
import { decodeRouterEvents, encodeRouterEvents } from './router-event.ts';
import { KV_EVENTS_TOPIC, PlanePublisher, PlaneSubscriber } from './zmq-plane.ts';

interface PlaneLine {
  readonly frames: readonly string[];
  readonly decoded: { readonly topic: string; readonly payload: unknown };
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');
/** Blocks of a message as large as they become, and such messages: 14 MB in all. */
const BLOCKS = 128 * 128;
const TURNS = 20;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** One stored event of worker 7: id 1, block 101 at the root with the tokens 1 to 4. */
const VECTOR = bytes(
  '9183a9776f726b65725f696407ac73746f726167655f74696572a6646576696365a56576656e7483a86576656e745f' +
    '696401a46461746181a673746f72656483ab706172656e745f68617368c0ae73746172745f706f736974696f6ec0a6' +
    '626c6f636b739183aa626c6f636b5f6861736865ab746f6b656e735f68617368cfcb38e4d7fb2dca5cad6d6d5f6578' +
    '7472615f696e666fc0a764705f72616e6b00',
);

test('a router event is read from the bytes that Dynamo writes', () => {
  expect(decodeRouterEvents(VECTOR)).toEqual([
    {
      worker: 7n,
      rank: 0,
      id: 1,
      event: {
        kind: 'stored_hashes',
        tier: 'device',
        parent: undefined,
        hashes: [101n],
        localHashes: [14643705804678351452n],
      },
    },
  ]);
});

test('every recorded message of Dynamo is read, and written again byte for byte', (context) => {
  const path = needReference(context, 'peers', 'dynamo', 'event-plane.jsonl');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const facts = new IndexFacts();
  const workers: bigint[] = [];
  const index = new PlaneIndex(facts, (worker) => {
    if (!workers.includes(worker)) workers.push(worker);
    return workers.indexOf(worker);
  });
  let kvEvents = 0;
  for (const line of lines) {
    const { frames, decoded } = JSON.parse(line) as PlaneLine;
    const envelope = decodePlaneMessage(frames.map(bytes));
    expect(envelope.topic).toBe(decoded.topic);
    expect(encodePlaneMessage(envelope).map((part) => Buffer.from(part).toString('hex'))).toEqual(
      frames,
    );
    if (envelope.topic !== KV_EVENTS_TOPIC) continue;
    const events = decodeRouterEvents(envelope.payload);
    expect(Buffer.from(encodeRouterEvents(events)).equals(envelope.payload)).toBe(true);
    for (const event of events) index.apply(envelope.publisher, event);
    kvEvents++;
  }
  expect([kvEvents, workers.length, index.counters.gaps]).toEqual([61, 1, 0]);
  expect(index.stateOf(0)).toBe('unverified');
  expect(facts.index.blocksOf(0)).toBeGreaterThan(0);
});

const PROMPT = [1, 2, 3, 4, 5, 6];
const SIZE = 2;
const GROUP = { index: undefined, kind: undefined };

function stored(hashes: bigint[], tokens: number[], parent?: bigint) {
  const plain = { loraName: undefined, loraId: undefined, cacheSalt: undefined };
  const extra = { extraKeys: undefined, mediaHashes: undefined, bigrams: false, blockSize: SIZE };
  const head = { kind: 'stored_tokens', tier: 'device', group: GROUP, parent } as const;
  return { ...head, ...plain, ...extra, hashes, tokens } as const;
}

test('events that were missed leave a rank empty and called degraded, until it is cleared', () => {
  const facts = new IndexFacts();
  const index = new PlaneIndex(facts, () => 0);
  const event = { ...decodeRouterEvents(VECTOR)[0]! };
  index.apply(1, event);
  expect([index.stateOf(0), facts.index.blocksOf(0)]).toEqual(['unverified', 1]);
  index.apply(1, event);
  index.apply(1, { ...event, id: 3, event: { ...event.event, kind: 'cleared' } });
  expect([index.stateOf(0), index.counters.stale, index.counters.gaps]).toEqual([
    'unverified',
    1,
    1,
  ]);
  index.apply(1, { ...event, id: 9 });
  expect([index.stateOf(0), facts.index.blocksOf(0)]).toEqual(['degraded', 1]);
  index.apply(2, event);
  expect([index.stateOf(0), index.counters.restarts]).toEqual(['unverified', 2]);
});

test('what one router knows another learns over the event plane, however late it comes', async () => {
  const mine = new IndexFacts();
  const publisher = await PlanePublisher.open({
    address: 'tcp://127.0.0.1:0',
    publisher: 77,
    workerOf: (target) => ({ worker: 1000n + BigInt(target), rank: 0 }),
    facts: mine,
    nowMs: Date.now,
  });
  open.push(publisher);
  // Two engines that name the same content differently: the event plane has one name for it.
  const books = [0, 1].map(
    (target) => new BlockBook({ target, blockSize: SIZE, facts: publisher.facts }),
  );
  books[0]!.apply(stored([11n, 12n], PROMPT.slice(0, 4)));
  books[1]!.apply(stored([21n, 22n, 23n], PROMPT));
  const theirs = new IndexFacts();
  const subscriber = await PlaneSubscriber.open({
    addresses: [publisher.address],
    facts: theirs,
    targetOf: (worker) => Number(worker - 1000n),
  });
  open.push(subscriber);
  const overlaps = () => [0, 1].map((target) => theirs.overlap(target, PROMPT, SIZE)).join();
  await until('the late router knows both engines', () => overlaps() === '2,3');
  books[0]!.apply(stored([13n], PROMPT.slice(4), 12n));
  await until('a new block is known', () => overlaps() === '3,3');
  books[1]!.apply({ kind: 'removed', tier: 'device', group: GROUP, hashes: [22n] });
  await until('a removal is known', () => overlaps() === '3,1');
  books[0]!.apply({ kind: 'cleared' });
  await until('a clear is known', () => overlaps() === '0,1');
  expect([subscriber.index.undecodable, subscriber.index.stateOf(0)]).toEqual([0, 'unverified']);
});

test('for a subscriber that does not read a bounded number of messages waits', async () => {
  const mine = new IndexFacts();
  const publisher = await PlanePublisher.open({
    ...{ address: 'tcp://127.0.0.1:0', publisher: 77, facts: mine, nowMs: Date.now },
    workerOf: () => ({ worker: 7n, rank: 0 }),
    mostUnread: 2,
  });
  open.push(publisher);
  const deaf = new Subscriber({ receiveHighWaterMark: 1, receiveBufferSize: 65_536 });
  deaf.subscribe(KV_EVENTS_TOPIC);
  const linked = new Promise((done) => deaf.events.on('handshake', done));
  deaf.connect(publisher.address);
  await linked;
  let node = -1;
  const nodes = Array.from({ length: BLOCKS }, (_, at) => {
    node = publisher.facts.plant(node, BigInt(at) * 0x9e37_79b9_7f4an);
    return node;
  });
  for (let turn = 1; turn <= TURNS; turn++) {
    for (const each of nodes) publisher.facts.stored(0, each);
    await until('it is sent', () => publisher.counts.sent >= turn);
  }
  let heard = 0;
  deaf.receiveTimeout = 2_000;
  try {
    for (;;) {
      await deaf.receive();
      heard++;
    }
  } catch {
    // Nothing else has waited for it.
  }
  deaf.close();
  expect(heard).toBeGreaterThan(0);
  expect(heard).toBeLessThan(TURNS);
});

test('a fault of ours while a message is taken is no damaged message, and empties what was known', () => {
  const facts = new IndexFacts();
  const index = new PlaneIndex(facts, () => 0);
  const [event] = decodeRouterEvents(VECTOR);
  index.take(() => ({ publisher: 1, events: [event!] }));
  expect([index.stateOf(0), facts.index.blocksOf(0)]).toEqual(['unverified', 1]);
  const before = ownFaults.count;
  index.take(() => {
    throw new TypeError('a fault of a test');
  });
  expect([index.undecodable, ownFaults.count - before]).toEqual([0, 1]);
  expect([index.stateOf(0), facts.index.blocksOf(0)]).toEqual(['degraded', 0]);
  index.take(() => ({ publisher: 1, events: decodeRouterEvents(Buffer.of(1)) }));
  expect([index.undecodable, ownFaults.count - before]).toEqual([1, 1]);
  // Its publisher tells it from the beginning.
  index.take(() => ({ publisher: 1, events: [event!] }));
  expect([index.stateOf(0), facts.index.blocksOf(0)]).toEqual(['unverified', 1]);
});
