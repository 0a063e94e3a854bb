import { pack } from 'msgpackr';
import { afterEach, expect, test } from 'vitest';
import { startClock } from '#live/clock.ts';
import { EventPublisher, type EventPublisherOptions } from '#test/support/event-publisher.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import { ZmqFeed, type ZmqFeedOptions } from './zmq-feed.ts';

const SIZE = 2;
const PROMPT = [1, 2, 3, 4, 5, 6];
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function publish(options: EventPublisherOptions = {}): Promise<EventPublisher> {
  const publisher = await EventPublisher.open(options);
  open.push(publisher);
  return publisher;
}

async function listen(options: Partial<ZmqFeedOptions> & { address: string }) {
  const facts = new IndexFacts();
  const session = { probeNs: 2e8, replayTimeoutNs: 5e9, ...options.session };
  const place = { name: 'a', rank: 0, ranks: 1, target: 0, blockSize: SIZE };
  const feed = await ZmqFeed.open({ ...place, facts, clock: startClock(), ...options, session });
  open.push(feed);
  return { feed, overlap: () => facts.overlap(0, PROMPT, SIZE) };
}

function at({ address, replayAddress }: EventPublisher) {
  return { address, replayAddress };
}

/** The n-th block of the prompt, under a name of its own. */
function block(n: number): unknown {
  const parent = n === 0 ? null : 100 + n - 1;
  const tokens = PROMPT.slice(n * SIZE, (n + 1) * SIZE);
  return {
    type: 'BlockStored',
    block_hashes: [100 + n],
    parent_block_hash: parent,
    token_ids: tokens,
    block_size: SIZE,
  };
}

test.each([3, 4] as const)('who comes late is told what was before, in %i parts', async (parts) => {
  const publisher = await publish({ replayParts: parts });
  await publisher.publish([block(0)]);
  await publisher.publish([block(1)]);
  const { feed, overlap } = await listen(at(publisher));
  await until('the session is exact', () => feed.status().state === 'exact');
  expect(overlap()).toBe(2);
  await publisher.publish([block(2)]);
  await until('the third block is known', () => overlap() === 3);
  await publisher.publish([{ type: 'BlockRemoved', block_hashes: [100] }]);
  await until('the first block is gone', () => overlap() === 0);
});

test('a publisher that connects is waited for', async () => {
  const { feed, overlap } = await listen({ address: 'tcp://127.0.0.1:0', binds: true });
  const publisher = await publish({ address: feed.address, connects: true });
  await publisher.publish([block(0)]);
  // Without a replay socket a lost first batch cannot be had again, and is called so.
  await until('something has come', async () => {
    await publisher.publish([]);
    return feed.status().state !== 'connecting';
  });
  const { state } = feed.status();
  expect([state, overlap()]).toEqual(state === 'degraded' ? ['degraded', 0] : ['unverified', 1]);
});

test('lost batches are asked for, whether another follows or not', async () => {
  const publisher = await publish();
  const { feed, overlap } = await listen(at(publisher));
  await until('the session is exact', () => feed.status().state === 'exact');
  await publisher.send(pack([1, [block(0)]]), true);
  await publisher.publish([block(1)]);
  await until('the gap is closed', () => overlap() === 2);
  expect(feed.status().session.gaps).toBe(1);
  await publisher.send(pack([2, [block(2)]]), true);
  await until('the lost end is found', () => overlap() === 3);
  await until('the session is exact again', () => feed.status().state === 'exact');
});

test('an engine that does not remember what was lost leaves the index empty and called degraded', async () => {
  const publisher = await publish({ remembered: 1 });
  await publisher.publish([block(0)]);
  await publisher.publish([{ type: 'BlockRemoved', block_hashes: [100] }]);
  const { feed, overlap } = await listen(at(publisher));
  await until('the session is degraded', () => feed.status().state === 'degraded');
  expect([feed.status().lack, overlap()]).toEqual(['history_evicted', 0]);
  await publisher.publish([{ type: 'AllBlocksCleared' }, block(0)]);
  await until('a clear has repaired it', () => feed.status().state === 'exact');
  expect(overlap()).toBe(1);
});

test('an engine that begins anew is known by its numbers', async () => {
  const publisher = await publish();
  const { address, replayAddress } = publisher;
  const { feed, overlap } = await listen(at(publisher));
  await publisher.publish([block(0), block(1)]);
  await until('two blocks are known', () => overlap() === 2);
  publisher.close();
  await until('the link is down', () => feed.status().session.linksLost > 0);
  const next = await publish({ address, replayAddress });
  await next.publish([block(0)]);
  await until('the restart is seen', () => feed.status().session.restarts > 0);
  await until('one block is known', () => overlap() === 1);
  await until('the session is exact', () => feed.status().state === 'exact');
});

test('corrupt messages are counted, called, and followed by a session that goes on', async () => {
  const publisher = await publish();
  const { feed, overlap } = await listen(at(publisher));
  await publisher.publish([block(0)]);
  await until('a block is known', () => overlap() === 1);
  await publisher.sendParts([Buffer.from('only one part')]);
  await publisher.sendParts([Buffer.of(), Buffer.of(1, 2), Buffer.of(3)]);
  await publisher.send(Buffer.from('not msgpack at all'));
  await until('the payload is refused', () => feed.status().batches.undecodable > 0);
  expect(feed.status()).toMatchObject({ state: 'degraded', lack: 'unreadable_batch' });
  expect(overlap()).toBe(0);
  await publisher.publish([{ type: 'AllBlocksCleared' }, block(0)]);
  await until('it has recovered', () => overlap() === 1);
});
