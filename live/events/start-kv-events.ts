import type { Clock } from '#live/clock.ts';
import type { BlockFacts } from './block-facts.ts';
import type { KvFeed, KvFeedStatus } from './feed-status.ts';
import { TrtllmFeed } from './trtllm/trtllm-feed.ts';
import { addressOfRank } from './zmq/endpoint.ts';
import type { SharedSockets } from './zmq/shared-sockets.ts';
import { ZmqFeed } from './zmq/zmq-feed.ts';

const HTTP = /^https?:/;

/** What has to be known of an engine to follow its KV events. */
export interface KvEventEngine {
  readonly name: string;
  /** Target of its rank 0; the others follow in a row. */
  readonly target: number;
  readonly dpSize: number;
  readonly blockSize: number;
  /** Where rank 0 publishes over ZMQ, or where it is polled over HTTP; engines without are left out. */
  readonly kvEvents?: string | undefined;
  readonly kvReplay?: string | undefined;
  /** Who waits for whom; auto = we do where the address names every interface. */
  readonly kvEventsMode?: 'auto' | 'bind' | 'connect' | undefined;
  readonly kvTopic?: string | undefined;
  readonly kvFirstSequence?: number | undefined;
}

export interface KvEventsOptions {
  readonly engines: readonly KvEventEngine[];
  readonly facts: BlockFacts;
  readonly clock: Clock;
  /** Sockets that wait, for engines that share one by topic. */
  readonly sockets?: SharedSockets;
  /** Told when what is known of a target has become more or less trustworthy. */
  readonly onChange?: (status: KvFeedStatus) => void;
}

/** The feeds of all engines. */
export interface KvEventFeeds {
  /** One status a rank, in the order of the engines. */
  status(): readonly KvFeedStatus[];
  stop(): Promise<void>;
}

/**
 * Follows the KV events of every engine that publishes some, rank by rank, and tells the facts. Fails,
 * with everything closed again, when an address is none or is taken.
 */
export async function startKvEvents(options: KvEventsOptions): Promise<KvEventFeeds> {
  const feeds: KvFeed[] = [];
  const stop = async () => {
    await Promise.all(feeds.map((feed) => feed.close()));
  };
  try {
    for (const engine of options.engines) {
      if (engine.kvEvents === undefined) continue;
      if (HTTP.test(engine.kvEvents)) {
        feeds.push(pollEngine(engine, engine.kvEvents, options));
        continue;
      }
      for (let rank = 0; rank < engine.dpSize; rank++) {
        feeds.push(await openFeed(engine, engine.kvEvents, rank, options));
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { status: () => feeds.flatMap((feed) => feed.statuses()), stop };
}

/** TensorRT-LLM hands its events out over HTTP, those of all ranks at once. */
function pollEngine(engine: KvEventEngine, url: string, options: KvEventsOptions): KvFeed {
  const { name, target, dpSize: ranks, blockSize } = engine;
  const { facts, onChange } = options;
  const place = { name, url, target, ranks, blockSize, facts };
  return new TrtllmFeed({ ...place, ...(onChange !== undefined && { onChange }) });
}

function openFeed(
  engine: KvEventEngine,
  address: string,
  rank: number,
  { facts, clock, onChange, sockets }: KvEventsOptions,
): Promise<KvFeed> {
  const { name, dpSize, blockSize, kvReplay, kvEventsMode = 'auto' } = engine;
  return ZmqFeed.open({
    name,
    rank,
    ranks: dpSize,
    target: engine.target + rank,
    blockSize,
    facts,
    clock,
    sockets,
    address: addressOfRank(address, rank),
    ...(kvReplay !== undefined && { replayAddress: addressOfRank(kvReplay, rank) }),
    ...(kvEventsMode !== 'auto' && { binds: kvEventsMode === 'bind' }),
    ...(engine.kvTopic !== undefined && { topic: engine.kvTopic }),
    ...(engine.kvFirstSequence !== undefined && {
      session: { firstSequence: engine.kvFirstSequence },
    }),
    ...(onChange !== undefined && { onChange }),
  });
}
