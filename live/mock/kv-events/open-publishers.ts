import { setTimeout } from 'node:timers/promises';
import type { KvEventOptions } from '../mock-options.ts';
import { KvEventPublisher, type PublisherOptions } from './publisher.ts';
import { endpointOfRank } from './rank-endpoint.ts';

/** Where a rank publishes its events, and where they can be asked for again. */
export interface KvEventSource {
  readonly endpoint: string;
  readonly replay?: string;
}

/** How often an address that was just let go is tried again, and after how long. */
const TRIES = 50;
const PAUSE_MS = 20;

/**
 * A publisher for each rank, at the addresses of `before` as far as there are such; none at all without
 * events. Rejects where an address is taken.
 */
export async function openPublishers(
  options: KvEventOptions | undefined,
  ranks: number,
  before: readonly KvEventSource[] = [],
): Promise<readonly KvEventPublisher[]> {
  if (options === undefined) return [];
  const { endpoint, replayEndpoint, ...rest } = options;
  const opened: KvEventPublisher[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    const replay = replayEndpoint && {
      replayEndpoint: before[rank]?.replay ?? endpointOfRank(replayEndpoint, rank),
    };
    const own = before[rank]?.endpoint ?? endpointOfRank(endpoint, rank);
    const settings = { ...rest, rank, endpoint: own, ...replay };
    try {
      // ZeroMQ closes sockets behind our back: an address of ours may be taken for a moment.
      opened.push(await openOne(settings, before.length > 0 ? TRIES : 1));
    } catch (error) {
      for (const publisher of opened) publisher.close();
      throw error;
    }
  }
  return opened;
}

async function openOne(settings: PublisherOptions, tries: number): Promise<KvEventPublisher> {
  for (let left = tries - 1; ; left--) {
    try {
      return await KvEventPublisher.open(settings);
    } catch (error) {
      if (left === 0) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
