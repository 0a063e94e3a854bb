import { afterEach, expect, test } from 'vitest';
import { startClock } from '#live/clock.ts';
import { EventPublisher } from '#test/support/event-publisher.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import { SharedSockets } from './shared-sockets.ts';
import { ZmqFeed } from './zmq-feed.ts';

const SIZE = 2;
const PROMPT = [1, 2, 3, 4];
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** The prompt's first blocks under names that begin at `first`. */
function stored(first: number, blocks = 2): unknown {
  const names = Array.from({ length: blocks }, (_, at) => first + at);
  const tokens = PROMPT.slice(0, blocks * SIZE);
  const event = { type: 'BlockStored', block_hashes: names, parent_block_hash: null };
  return { ...event, token_ids: tokens, block_size: SIZE };
}

class Listeners {
  readonly facts = new IndexFacts();
  readonly sockets = new SharedSockets();
  readonly #clock = startClock();

  async feed(target: number, address: string, topic: string, replayAddress?: string) {
    const place = { name: topic, rank: 0, ranks: 1, target, blockSize: SIZE, binds: true };
    const feed = await ZmqFeed.open({
      ...{ ...place, address, topic, facts: this.facts, clock: this.#clock },
      ...{ sockets: this.sockets, session: { probeNs: 2e8 } },
      ...(replayAddress !== undefined && { replayAddress }),
    });
    open.push(feed);
    return feed;
  }

  overlaps(): string {
    return [0, 1].map((target) => this.facts.overlap(target, PROMPT, SIZE)).join();
  }
}

async function publisher(address: string, topic: string): Promise<EventPublisher> {
  const opened = await EventPublisher.open({ address, topic, connects: true });
  open.push(opened);
  return opened;
}

test('engines that call one address are told apart by their topics, and one that goes costs no other', async () => {
  const listeners = new Listeners();
  const free = await listeners.feed(9, 'tcp://127.0.0.1:*', 'none@');
  const { address } = free;
  await free.close();
  const [a, b] = [await publisher(address, 'kv@a@tiny'), await publisher(address, 'kv@b@tiny')];
  const one = await listeners.feed(0, address, 'kv@a', a.replayAddress);
  const two = await listeners.feed(1, address, 'kv@b', b.replayAddress);
  await a.publish([stored(10)]);
  await b.publish([stored(20, 1)]);
  await until('both are known', () => listeners.overlaps() === '2,1');
  await until('both are exact', () => [one, two].every((feed) => feed.status().state === 'exact'));
  a.close();
  await b.publish([stored(30)]);
  await until('the other one is still heard', () => listeners.overlaps() === '2,2');
  await until('it is exact', () => two.status().state === 'exact');
  await one.close();
  await b.publish([{ type: 'AllBlocksCleared' }]);
  await until('it is heard alone', () => listeners.overlaps() === '0,0');
});

test('topics of which one begins with another are refused, and cost nobody the socket', async () => {
  const listeners = new Listeners();
  const free = await listeners.feed(0, 'tcp://127.0.0.1:*', 'kv@a');
  const same = 'tcp://127.0.0.1:*';
  await expect(listeners.feed(1, same, 'kv@ab')).rejects.toThrow(
    'engines.kv_topic: another engine publishes to this address as well; received "kv@ab"; allowed: a topic that tells its events from those of "kv@a"',
  );
  const a = await publisher(free.address, 'kv@a');
  await until('the first one is heard', async () => {
    await a.publish([stored(10)]);
    return listeners.overlaps() === '2,0';
  });
});
