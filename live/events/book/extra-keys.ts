import { xxh3_64 } from '#core/tokens/xxh3.ts';
import type { ExtraKey, StoredTokens } from '../kv-event.ts';

/** What the extra keys of an event say of the content of its blocks. */
export interface ExtraContent {
  /** The cache salt, which an engine names with the first block of a prompt only. */
  readonly cacheSalt: string | undefined;
  /** Hashes that enter each block's own, by block; undefined where no block has any. */
  readonly hashes: readonly (readonly bigint[])[] | undefined;
}

const NO_CONTENT: ExtraContent = { cacheSalt: undefined, hashes: undefined };
/** Dynamo marks the salts that it hands to vLLM (components/src/dynamo/vllm). */
const MARKED_SALT = 'dynamo-cache-salt:';
const DIGEST = /^[0-9a-f]{64}$/i;
/** Keys that nobody here understands hash under a seed of their own, so that they equal nothing. */
const UNKNOWN_KEY_SEED = 2n;
const NONE: readonly bigint[] = [];

const encoder = new TextEncoder();

/**
 * Reads the keys that vLLM counts as content besides tokens: the adapter's name, images, the cache
 * salt, prompt embeddings (`generate_block_hash_extra_keys` in vllm/v1/core/kv_cache_utils.py).
 * Images enter a block's hash as `multimodalHashes` of core/tokens/block-hash.ts does; a key that
 * is not understood enters it too, so that a block is never taken for a plainer one.
 */
export function readExtraContent(event: StoredTokens): ExtraContent {
  const { extraKeys, mediaHashes } = event;
  if (extraKeys === undefined) {
    return mediaHashes === undefined ? NO_CONTENT : { cacheSalt: undefined, hashes: mediaHashes };
  }
  let cacheSalt: string | undefined;
  const hashes = event.hashes.map((_, block): readonly bigint[] => {
    const own: bigint[] = [...(mediaHashes?.[block] ?? NONE)];
    let adapter = event.loraName;
    for (const key of extraKeys[block] ?? []) {
      if (key === adapter) {
        adapter = undefined;
      } else if (block === 0 && isSalt(key, event)) {
        cacheSalt = key.startsWith(MARKED_SALT) ? key.slice(MARKED_SALT.length) : key;
      } else {
        own.push(hashOfKey(key));
      }
    }
    return own;
  });
  return { cacheSalt, hashes: hashes.some((own) => own.length > 0) ? hashes : undefined };
}

/** A text with the first block of a prompt that is no digest of an image is the salt. */
function isSalt(key: ExtraKey, event: StoredTokens): key is string {
  if (typeof key !== 'string' || event.parent !== undefined) return false;
  return !DIGEST.test(key) && key !== event.cacheSalt;
}

function hashOfKey(key: ExtraKey): bigint {
  if (typeof key === 'string' && DIGEST.test(key)) return hashOfObject(key);
  if (Array.isArray(key) && typeof key[0] === 'string') return hashOfObject(key[0]);
  return xxh3_64(bytesOfKey(key), UNKNOWN_KEY_SEED);
}

/** The number that stands for an image: the beginning of its digest, or a hash of its name. */
function hashOfObject(name: string): bigint {
  return DIGEST.test(name) ? BigInt(`0x${name.slice(0, 16)}`) : xxh3_64(encoder.encode(name));
}

function bytesOfKey(key: ExtraKey): Uint8Array {
  if (key instanceof Uint8Array) return key;
  if (Array.isArray(key)) return encoder.encode(`list:${key.map(wordOf).join()}`);
  return encoder.encode(wordOf(key));
}

/** A plain value with its type; of what is nested the type alone, however deep it goes. */
function wordOf(value: unknown): string {
  return typeof value === 'object' ? 'object' : `${typeof value}:${String(value)}`;
}
