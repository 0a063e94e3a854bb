import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { startClock } from '#live/clock.ts';
import { ZmqFeed, type ZmqFeedOptions } from '#live/events/zmq/zmq-feed.ts';
import { CannotRun } from '#test/support/cannot-run.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import { ReleasedPublisher } from './released-publisher.ts';
import { provideFile, providePublisherPython, RELEASES, type Release } from './releases.ts';

const SIZE = 4;
const PROMPT = Array.from({ length: 12 }, (_, at) => at + 1);

/** The n-th block of the prompt, as an engine stores it. */
function block(n: number): object {
  return {
    type: 'BlockStored',
    block_hashes: [100 + n],
    parent_block_hash: n === 0 ? null : 100 + n - 1,
    token_ids: PROMPT.slice(n * SIZE, (n + 1) * SIZE),
    block_size: SIZE,
    medium: 'GPU',
  };
}

interface Listener {
  readonly feed: ZmqFeed;
  readonly overlap: () => number;
}

async function listen(options: Pick<ZmqFeedOptions, 'address' | 'replayAddress' | 'binds'>) {
  const facts = new IndexFacts();
  const place = { name: 'a', rank: 0, ranks: 1, target: 0, blockSize: SIZE };
  const session = { probeNs: 2e8 };
  const feed = await ZmqFeed.open({ ...place, facts, clock: startClock(), session, ...options });
  return { feed, overlap: () => facts.overlap(0, PROMPT, SIZE) };
}

async function untilExact({ feed, overlap }: Listener, blocks: number): Promise<void> {
  const isSo = () => feed.status().state === 'exact' && overlap() === blocks;
  await until(`${blocks} blocks are known for certain`, isSo);
}

/** A router that comes late, what is told afterwards, and a restart. */
async function comeLate(python: string, file: string, folder: string): Promise<void> {
  const [address, replay] = ['events', 'replay'].map((name) => `ipc://${join(folder, name)}`);
  const first = await ReleasedPublisher.start(python, file, address!, replay!);
  await first.publish([block(0)]);
  await first.publish([block(1)]);
  const listener = await listen({ address: address!, replayAddress: replay! });
  await untilExact(listener, 2);
  await first.publish([block(2)]);
  await untilExact(listener, 3);
  await first.publish([{ type: 'BlockRemoved', block_hashes: [102], medium: 'GPU' }]);
  await untilExact(listener, 2);
  await first.stop();
  const next = await ReleasedPublisher.start(python, file, address!, replay!);
  await next.publish([block(0)]);
  await untilExact(listener, 1);
  await next.publish([{ type: 'AllBlocksCleared' }, block(0), block(1), block(2)]);
  await untilExact(listener, 3);
  await next.stop();
  await listener.feed.close();
}

/** A publisher that connects, and loses what it publishes before the subscription has reached it. */
async function beCalled(python: string, file: string, folder: string): Promise<void> {
  const replay = `ipc://${join(folder, 'replay-of-caller')}`;
  const waiting = { address: 'tcp://127.0.0.1:0', binds: true, replayAddress: replay };
  const listener = await listen(waiting);
  const caller = await ReleasedPublisher.start(python, file, listener.feed.address, replay);
  for (let n = 0; n < 3; n++) await caller.publish([block(n)]);
  await untilExact(listener, 3);
  await caller.stop();
  await listener.feed.close();
}

async function tryRelease(python: string, release: Release): Promise<void> {
  const file = provideFile(python, release);
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-publisher-'));
  try {
    await comeLate(python, file, folder);
    await beCalled(python, file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the publisher of each release; how many are not followed as they should be. */
async function main(): Promise<number> {
  let failed = 0;
  for (const release of RELEASES) {
    const name = `publisher of ${release.name} ${release.version}`;
    try {
      await tryRelease(providePublisherPython(), release);
      stdout.write(`${name}: late, restarted and calling, its index is exact\n`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!(error instanceof CannotRun)) failed++;
      stdout.write(`${name}: ${error instanceof CannotRun ? 'not run' : 'FAILED'}: ${why}\n`);
    }
  }
  return failed;
}

// A publisher that is still there after a failure must not keep the process.
process.exit((await main()) === 0 ? 0 : 1);
