import { expect, test } from 'vitest';
import { startClock } from '#live/clock.ts';
import { EventPublisher } from '#test/support/event-publisher.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import { startKvEvents } from './start-kv-events.ts';

const SIZE = 2;
const PROMPT = [1, 2, 3, 4];

/** The prompt's two blocks under names that begin at `first`. */
function prompt(first: number): unknown {
  const names = { block_hashes: [first, first + 1], parent_block_hash: null };
  return { type: 'BlockStored', ...names, token_ids: PROMPT, block_size: SIZE };
}

test('every engine that publishes is followed, and those that do not are left out', async () => {
  const publishers = [await EventPublisher.open(), await EventPublisher.open()];
  const facts = new IndexFacts();
  const told: string[] = [];
  const engines = publishers.map(({ address, replayAddress }, at) => ({
    name: `engine-${at}`,
    target: 3 * at,
    dpSize: 1,
    blockSize: SIZE,
    kvEvents: address,
    kvReplay: replayAddress,
  }));
  const silent = { name: 'silent', target: 9, dpSize: 4, blockSize: SIZE };
  const feeds = await startKvEvents({
    engines: [...engines, silent],
    facts,
    clock: startClock(),
    onChange: ({ name, state }) => told.push(`${name} ${state}`),
  });
  for (const [at, publisher] of publishers.entries())
    await publisher.publish([prompt(100 * at + 1)]);
  const overlaps = () => [0, 3].map((target) => facts.overlap(target, PROMPT, SIZE)).join();
  await until('both engines’ blocks are known', () => overlaps() === '2,2');
  const isExact = () => feeds.status().every(({ state }) => state === 'exact');
  await until('both sessions are exact', isExact);
  expect(feeds.status().map(({ name, rank, target }) => [name, rank, target])).toEqual([
    ['engine-0', 0, 0],
    ['engine-1', 0, 3],
  ]);
  expect(told).toContain('engine-1 exact');
  await feeds.stop();
  for (const publisher of publishers) publisher.close();
  expect([overlaps(), facts.forest.nodes]).toEqual(['0,0', 0]);
});

test('an address that is none fails at once, and leaves nothing open', async () => {
  const engine = { name: 'a', target: 0, dpSize: 2, blockSize: SIZE, kvEvents: 'ipc:///run/a' };
  const options = { engines: [engine], facts: new IndexFacts(), clock: startClock() };
  await expect(startKvEvents(options)).rejects.toThrow('rank 1 has no port');
});
