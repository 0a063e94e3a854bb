import { DecodeError } from '../decode/decode-error.ts';
import {
  type Fields,
  isFields,
  readCount,
  readHash,
  readHashes,
  readList,
  readOptionalHash,
  readText,
} from '../decode/fields.ts';
import { parseExactly } from '../exact-json.ts';
import type { KvEvent, KvTier, StoredTokens } from '../kv-event.ts';

/** One event of TensorRT-LLM's log. */
export interface LoggedEvent {
  /** Counts the events of a rank, from 0 on. */
  readonly id: number;
  readonly rank: number;
  /** Attention window of the cache that it is about; the largest is that of full attention. */
  readonly window: number;
  /** The cache was made: it is empty. */
  readonly created: boolean;
  readonly events: readonly KvEvent[];
}

const NO_GROUP = { index: undefined, kind: undefined };

/**
 * The list that `POST /kv_cache_events` answers (tensorrt_llm/_utils.py, `KVCacheEventSerializer`).
 * Names of blocks are integers beyond 2^53, so that they are read from the text. Blocks that are not
 * full are left out: they are never shared.
 */
export function readLoggedEvents(text: string, blockSize: number): readonly LoggedEvent[] {
  return readList(parseExactly(text), 'the answer').map((event) => readLogged(event, blockSize));
}

function readLogged(event: unknown, blockSize: number): LoggedEvent {
  if (!isFields(event) || !isFields(event.data)) {
    throw new DecodeError('an event must have an id and data', event);
  }
  const id = readCount(event.event_id, 'event_id');
  if (id === undefined) throw new DecodeError('event_id is missing', event);
  const { data } = event;
  return {
    id,
    rank: readCount(event.attention_dp_rank, 'attention_dp_rank') ?? 0,
    window: readCount(event.window_size, 'window_size') ?? 0,
    created: data.type === 'created',
    events: readData(data, blockSize),
  };
}

function readData(data: Fields, blockSize: number): readonly KvEvent[] {
  if (data.type === 'stored') return readStored(data, blockSize);
  if (data.type === 'removed') return removedFrom(readHashes(data.block_hashes));
  return data.type === 'updated' ? readMoved(data) : [];
}

/** A block has left the engine: whichever tier it was in. */
function removedFrom(hashes: readonly bigint[]): readonly KvEvent[] {
  return [{ kind: 'removed', tier: 'any', group: NO_GROUP, hashes }];
}

/** A chain of blocks, one event a block, since each says for itself where it is and whose. */
function readStored(data: Fields, blockSize: number): readonly KvEvent[] {
  const events: KvEvent[] = [];
  let parent = readOptionalHash(data.parent_hash);
  for (const block of readList(data.blocks, 'blocks')) {
    if (!isFields(block)) throw new DecodeError('a block must be a map', block);
    const stored = readBlock(block, parent, blockSize);
    if (stored.tokens.length < blockSize) return events;
    events.push(stored);
    parent = stored.hashes[0];
  }
  return events;
}

function readBlock(block: Fields, parent: bigint | undefined, blockSize: number): StoredTokens {
  return {
    kind: 'stored_tokens',
    tier: tierOfLevel(block.cache_level),
    group: NO_GROUP,
    hashes: [readHash(block.block_hash)],
    parent,
    tokens: readList(block.tokens, 'tokens').map(readToken),
    bigrams: false,
    blockSize,
    loraName: undefined,
    loraId: readCount(block.lora_id, 'lora_id'),
    cacheSalt: readText(block.cache_salt, 'cache_salt'),
    extraKeys: readMedia(block.mm_keys),
    mediaHashes: undefined,
  };
}

function readToken(token: unknown): number {
  const id = isFields(token) ? readCount(token.token_id, 'token_id') : undefined;
  if (id === undefined || id > 0xffff_ffff) throw new DecodeError('a token needs its id', token);
  return id;
}

/** Images and clips of a block, as pairs of digest and offset. */
function readMedia(keys: unknown): StoredTokens['extraKeys'] {
  if (keys === null || keys === undefined) return undefined;
  const media = readList(keys, 'mm_keys').map((key) => {
    if (!isFields(key)) throw new DecodeError('an object must be a map', key);
    return [readText(key.hash, 'hash') ?? '', readCount(key.start_offset, 'start_offset') ?? 0];
  });
  return media.length === 0 ? undefined : [media];
}

/** A block has moved between device and host memory; the host knows it by its name. */
function readMoved(data: Fields): readonly KvEvent[] {
  const { cache_level: level } = data;
  if (!isFields(level)) return [];
  const hashes = [readHash(data.block_hash)];
  const to = tierOfLevel(level.new_value);
  const from = tierOfLevel(level.old_value);
  if (to === from) return [];
  const moved = { group: NO_GROUP, hashes };
  const plain = { parent: undefined, tokens: [], bigrams: false, blockSize: 0 };
  const own = { loraName: undefined, loraId: undefined, cacheSalt: undefined };
  const extra = { extraKeys: undefined, mediaHashes: undefined };
  return [
    { kind: 'stored_tokens', tier: to, ...moved, ...plain, ...own, ...extra },
    { kind: 'removed', tier: from, ...moved },
  ];
}

function tierOfLevel(level: unknown): KvTier {
  return (readCount(level, 'cache_level') ?? 0) === 0 ? 'device' : 'host';
}
