import { once } from 'node:events';
import { join } from 'node:path';
import { threadCpuUsage } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startClock } from '#live/clock.ts';
import type { BlockFacts } from '#live/events/block-facts.ts';
import { EventSocket } from '#live/events/zmq/event-socket.ts';
import { ZmqFeed } from '#live/events/zmq/zmq-feed.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { openTestRouter } from '#test/support/live-router.ts';
import { type FloodPlan, operationsOf } from './support/event-flood.ts';
import { judge, printTable } from './support/print.ts';

const ROUNDS = 3;
const WARMUPS = 1;
const BLOCKS_PER_S_MIN = 200_000;
/** 16 requests a step store 16 blocks of 16 tokens each; 256 steps' blocks are held. */
const PLAN: FloodPlan = {
  batches: 1_600,
  storesPerBatch: 16,
  blocksPerStore: 16,
  blockSize: 16,
  evictedAfter: 256,
};

/** Time between two looks at whether everything has come. */
const LOOK_MS = 5;

interface Flood {
  readonly address: string;
  readonly megabytes: number;
  /** Resolves when the next subscription has come. */
  subscribed(): Promise<unknown>;
  start(): void;
  close(): void;
}

async function openFlood(): Promise<Flood> {
  const worker = new Worker(join(import.meta.dirname, 'support', 'event-flood.ts'));
  worker.postMessage(PLAN);
  const [{ address, bytes }] = (await once(worker, 'message')) as [
    { readonly address: string; readonly bytes: number },
  ];
  return {
    address,
    megabytes: bytes / 1e6,
    subscribed: () => once(worker, 'message'),
    start: () => worker.postMessage('start'),
    close: () => worker.postMessage('close'),
  };
}

interface Receiver {
  readonly received: () => number;
  close(): Promise<void>;
}

/** Blocks a second by the clock, and by the processor time of the thread that receives. */
interface Rates {
  readonly wall: number;
  readonly thread: number;
}

async function measure(flood: Flood, open: () => Promise<Receiver>): Promise<Rates> {
  const subscribed = flood.subscribed();
  const receiver = await open();
  await subscribed;
  const startMs = performance.now();
  const before = threadCpuUsage();
  flood.start();
  while (receiver.received() < PLAN.batches) await setTimeout(LOOK_MS);
  const { user, system } = threadCpuUsage(before);
  const seconds = (performance.now() - startMs) / 1000;
  await receiver.close();
  const operations = operationsOf(PLAN);
  return { wall: operations / seconds, thread: (1e6 * operations) / (user + system) };
}

/** A subscription that only counts: what the publisher and the sockets can do. */
async function openCounter(address: string): Promise<Receiver> {
  let count = 0;
  const message = () => {
    count++;
  };
  const socket = await EventSocket.open(
    { address },
    { message, linkUp: () => {}, linkDown: () => {} },
  );
  return { received: () => count, close: () => socket.close() };
}

async function openIndex(address: string, facts: BlockFacts): Promise<Receiver> {
  const place = { name: 'a', rank: 0, ranks: 1, target: 0, blockSize: PLAN.blockSize };
  const feed = await ZmqFeed.open({ ...place, address, facts, clock: startClock() });
  const received = () => feed.status().session.batches;
  const close = async () => {
    const { state, session, blocks } = feed.status();
    const complete = state === 'unverified' && blocks.unknownRemovals === 0;
    if (!complete) throw new Error(`the index is ${state} with ${session.gaps} gaps`);
    await feed.close();
  };
  return { received, close };
}

function openLiveFacts(): BlockFacts {
  const text = `version: 1\nengines: [{name: a, url: "http://127.0.0.1:1", block_size: ${PLAN.blockSize}}]\n`;
  return openTestRouter(text).router.blocks;
}

/**
 * KV events as they come from an engine, over a real PUB socket of another thread, into the index:
 * decoded, followed, hashed, planted and told. Removals are one event a block, as vLLM sends them. The
 * target is held against the processor time of the one thread that receives: the publisher has another,
 * and on a shared machine the clock measures the neighbours.
 */
export async function run(): Promise<void> {
  const flood = await openFlood();
  const cases = {
    'received only': () => openCounter(flood.address),
    'into the index': () => openIndex(flood.address, new IndexFacts()),
    'into the live router': () => openIndex(flood.address, openLiveFacts()),
  };
  const rates: Record<string, Rates[]> = {};
  for (let round = -WARMUPS; round < ROUNDS; round++) {
    for (const [name, open] of Object.entries(cases)) {
      const rate = await measure(flood, open);
      if (round >= 0) rates[name] = [...(rates[name] ?? []), rate];
    }
  }
  flood.close();
  const operations = operationsOf(PLAN).toLocaleString('en');
  console.log(`${operations} blocks in ${PLAN.batches} batches, ${flood.megabytes.toFixed(0)} MB`);
  const rows = Object.entries(rates).map(([name, all]) => [name, ...bestAndMedian(all)]);
  printTable(['blocks/s', 'wall: best', 'median', 'thread: best', 'median'], rows);
  for (const name of ['into the index', 'into the live router']) {
    const best = Math.max(...rates[name]!.map(({ thread }) => thread));
    judge(`blocks/s ${name}, of the thread's time`, best, 'least', BLOCKS_PER_S_MIN);
  }
}

function bestAndMedian(rates: readonly Rates[]): string[] {
  return (['wall', 'thread'] as const).flatMap((time) => {
    const sorted = rates.map((one) => one[time]).sort((a, b) => b - a);
    return [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!].map((rate) =>
      Math.round(rate).toLocaleString('en'),
    );
  });
}
