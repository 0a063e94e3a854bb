import { DecodeError } from '../decode/decode-error.ts';
import {
  type Fields,
  isFields,
  readCount,
  readHash,
  readHashes,
  readList,
  readOptionalHash,
} from '../decode/fields.ts';
import { unpack } from '../decode/unpack.ts';
import type { ClearedBlocks, KvTier, RemovedBlocks, StoredHashes } from '../kv-event.ts';
import { type Packable, pack } from './pack.ts';

/** What a worker of Dynamo tells of its cache (lib/kv-router/src/protocols.rs, `RouterEvent`). */
export interface RouterEvent {
  readonly worker: bigint;
  readonly rank: number;
  /** Counts a rank's events, from 1 on. */
  readonly id: number;
  readonly event: StoredHashes | RemovedBlocks | ClearedBlocks;
}

type TierWord = 'device' | 'host_pinned' | 'disk' | 'external';

const TIER_OF_WORD: Readonly<Record<TierWord, KvTier>> = {
  device: 'device',
  host_pinned: 'host',
  disk: 'disk',
  external: 'external',
};
const WORD_OF_TIER: Readonly<Record<KvTier, TierWord>> = {
  device: 'device',
  host: 'host_pinned',
  disk: 'disk',
  external: 'external',
};
const NO_GROUP = { index: undefined, kind: undefined };

/**
 * The events of a payload: a list of them, as the event plane sends, or a single one. What belongs to
 * no worker (`residency_domain` other than worker) is left out, as Dynamo's own router does.
 */
export function decodeRouterEvents(payload: Uint8Array): readonly RouterEvent[] {
  const value = unpack(payload);
  const list = Array.isArray(value) ? value : [value];
  return list.map(readRouterEvent).filter((event) => event !== undefined);
}

/** One event, from msgpack or from JSON; undefined when it belongs to no worker. */
export function readRouterEvent(value: unknown): RouterEvent | undefined {
  if (!isFields(value) || !isFields(value.event)) {
    throw new DecodeError('a router event must be a map with an event', value);
  }
  const { residency_domain: domain = 'worker' } = value;
  if (domain !== 'worker') return undefined;
  const { event } = value;
  const id = readCount(event.event_id, 'event_id');
  if (id === undefined) throw new DecodeError('event_id is missing', event.event_id);
  return {
    worker: readHash(value.worker_id),
    rank: readCount(event.dp_rank, 'dp_rank') ?? 0,
    id,
    event: readData(event.data, readTier(value.storage_tier)),
  };
}

function readTier(word: unknown): KvTier {
  if (word === null || word === undefined) return 'device';
  if (typeof word === 'string' && Object.hasOwn(TIER_OF_WORD, word)) {
    return TIER_OF_WORD[word as TierWord];
  }
  throw new DecodeError('an unknown storage_tier', word);
}

function readData(data: unknown, tier: KvTier): RouterEvent['event'] {
  if (data === 'cleared') return { kind: 'cleared' };
  if (!isFields(data)) throw new DecodeError('data must be stored, removed or cleared', data);
  if (isFields(data.removed)) {
    const hashes = readHashes(data.removed.block_hashes);
    return { kind: 'removed', tier, group: NO_GROUP, hashes };
  }
  if (isFields(data.stored)) return readStored(data.stored, tier);
  if ('cleared' in data) return { kind: 'cleared' };
  throw new DecodeError('data must be stored, removed or cleared', data);
}

function readStored(stored: Fields, tier: KvTier): StoredHashes {
  const blocks = readList(stored.blocks, 'blocks').map((block) => {
    if (!isFields(block)) throw new DecodeError('a block must be a map', block);
    return { hash: readHash(block.block_hash), local: readHash(block.tokens_hash) };
  });
  return {
    kind: 'stored_hashes',
    tier,
    parent: readOptionalHash(stored.parent_hash),
    hashes: blocks.map(({ hash }) => hash),
    localHashes: blocks.map(({ local }) => local),
  };
}

/** The payload of events as the event plane has it: every field, in Dynamo's order, nil for nothing. */
export function encodeRouterEvents(events: readonly RouterEvent[]): Uint8Array {
  return pack(events.map(plainRouterEvent));
}

function plainRouterEvent({ worker, rank, id, event }: RouterEvent): Packable {
  const tier = event.kind === 'cleared' || event.tier === 'any' ? 'device' : event.tier;
  return {
    worker_id: worker,
    storage_tier: WORD_OF_TIER[tier],
    residency_domain: 'worker',
    event: { event_id: id, data: plainData(event), dp_rank: rank },
  };
}

function plainData(event: RouterEvent['event']): Packable {
  if (event.kind === 'cleared') return 'cleared';
  if (event.kind === 'removed') return { removed: { block_hashes: event.hashes } };
  return {
    stored: {
      parent_hash: event.parent ?? null,
      start_position: null,
      blocks: event.hashes.map((hash, block) => ({
        block_hash: hash,
        tokens_hash: event.localHashes[block]!,
        mm_extra_info: null,
      })),
    },
  };
}
