import type { CacheGroup, DroppedEvent, KvBatch, KvEvent, KvTier } from '../kv-event.ts';
import { DecodeError } from './decode-error.ts';
import { fieldsOfEvent } from './event-forms.ts';
import {
  type Fields,
  isFields,
  readCount,
  readExtraKeys,
  readHashes,
  readList,
  readMediaHashes,
  readOptionalHash,
  readText,
  readTokens,
} from './fields.ts';
import { tierOfMedium } from './medium.ts';
import { unpack } from './unpack.ts';

/**
 * The batch that a payload holds, as vLLM, SGLang, TensorRT-LLM, Dynamo's mocker and llm-d's simulator
 * publish it over ZMQ: `[time, events, rank]`, or the same as a map. Anything else is refused with a
 * `DecodeError`, and nothing of the batch counts then.
 */
export function decodeEngineBatch(payload: Uint8Array): KvBatch {
  return readEngineBatch(unpack(payload));
}

/** The same of a value that is unpacked already. */
export function readEngineBatch(value: unknown): KvBatch {
  const [time, events, rank] = partsOfBatch(value);
  const read: KvEvent[] = [];
  const dropped: DroppedEvent[] = [];
  for (const event of readList(events, 'events')) {
    const outcome = readEvent(fieldsOfEvent(event));
    if ('reason' in outcome) dropped.push(outcome);
    else read.push(outcome);
  }
  return {
    timeS: typeof time === 'number' ? time : undefined,
    rank: readCount(rank, 'data_parallel_rank'),
    events: read,
    dropped,
  };
}

function partsOfBatch(value: unknown): readonly [unknown, unknown, unknown] {
  if (Array.isArray(value) && value.length >= 2) return [value[0], value[1], value[2]];
  if (isFields(value)) {
    return [value.ts, value.events, value.data_parallel_rank ?? value.attn_dp_rank];
  }
  throw new DecodeError('a batch must be [time, events, rank] or a map', value);
}

function readEvent(fields: Fields): KvEvent | DroppedEvent {
  const { type } = fields;
  if (type === 'AllBlocksCleared') return { kind: 'cleared' };
  if (type !== 'BlockStored' && type !== 'BlockRemoved') {
    return { reason: 'unknown_event', word: typeof type === 'string' ? type : typeof type };
  }
  const elsewhere = notHeldHere(fields);
  if (elsewhere !== undefined) return { reason: 'not_local', word: elsewhere };
  const medium = readText(fields.medium, 'medium');
  const tier = tierOfMedium(medium);
  if (tier === undefined) return { reason: 'unknown_medium', word: medium ?? '' };
  const group = readGroup(fields);
  const hashes = readHashes(fields.block_hashes);
  if (type === 'BlockRemoved') return { kind: 'removed', tier, group, hashes };
  return readStored(fields, tier, group, hashes);
}

function readStored(fields: Fields, tier: KvTier, group: CacheGroup, hashes: bigint[]): KvEvent {
  const { tokens, bigrams } = readTokens(fields.token_ids);
  const blockSize = readCount(fields.block_size, 'block_size');
  if (blockSize === undefined) throw new DecodeError('block_size is missing', fields.block_size);
  return {
    kind: 'stored_tokens',
    tier,
    group,
    hashes,
    parent: readOptionalHash(fields.parent_block_hash),
    tokens,
    bigrams,
    blockSize,
    loraName: readText(fields.lora_name, 'lora_name'),
    loraId: readCount(fields.lora_id, 'lora_id'),
    cacheSalt: readText(fields.cache_salt, 'cache_salt'),
    extraKeys: readExtraKeys(fields.extra_keys),
    mediaHashes: readMediaHashes(fields.block_mm_infos),
  };
}

function readGroup(fields: Fields): CacheGroup {
  return {
    index: readCount(fields.group_idx, 'group_idx'),
    kind: readText(fields.kv_cache_spec_kind, 'kv_cache_spec_kind'),
  };
}

/** The word that says that the engine does not hold the blocks itself, if one does. */
function notHeldHere(fields: Fields): string | undefined {
  const locality = readText(fields.locality, 'locality');
  if (locality !== undefined && locality !== 'LOCAL') return locality;
  const ownership = readText(fields.ownership, 'ownership');
  return ownership === undefined || ownership.toLowerCase() === 'framework' ? undefined : ownership;
}
