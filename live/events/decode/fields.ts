import type { ExtraKey } from '../kv-event.ts';
import { DecodeError } from './decode-error.ts';

const TOKEN_MAX = 0xffff_ffff;
const FOLDED_BYTES = 8;

/** A map of msgpack, as the unpacker gives it. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a map, as opposed to arrays, bytes and what extension types become. */
export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * The unsigned 64-bit name of a block. Engines send unsigned or signed integers, or the whole digest
 * as bytes, whose last eight are the integer form (vLLM, `VLLM_KV_EVENTS_USE_INT_BLOCK_HASHES`).
 */
export function readHash(value: unknown): bigint {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return value >= 0 ? BigInt(value) : BigInt.asUintN(64, BigInt(value));
  }
  if (value instanceof Uint8Array && value.length >= FOLDED_BYTES) {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    return view.getBigUint64(value.length - FOLDED_BYTES);
  }
  throw new DecodeError('a block hash must be an integer or a digest', value);
}

/** A list of block hashes. */
export function readHashes(value: unknown): bigint[] {
  const list = readList(value, 'block_hashes');
  const hashes: bigint[] = new Array(list.length);
  for (let at = 0; at < list.length; at++) hashes[at] = readHash(list[at]);
  return hashes;
}

export function readOptionalHash(value: unknown): bigint | undefined {
  return value === null || value === undefined ? undefined : readHash(value);
}

/** The tokens of an event, and whether each came with its successor (Eagle and MTP drafting). */
export function readTokens(value: unknown): { tokens: number[]; bigrams: boolean } {
  if (value === null || value === undefined) return { tokens: [], bigrams: false };
  const list = readList(value, 'token_ids');
  if (Array.isArray(list[0])) return { tokens: readBigrams(list), bigrams: true };
  for (let at = 0; at < list.length; at++) {
    if (!isToken(list[at]))
      throw new DecodeError('a token id must be an unsigned integer', list[at]);
  }
  return { tokens: list as number[], bigrams: false };
}

/** Pairs (t0, t1), (t1, t2) … as the tokens t0, t1, t2 …: one more than there are pairs. */
function readBigrams(list: readonly unknown[]): number[] {
  const tokens: number[] = [];
  let last = 0;
  for (const pair of list) {
    if (!Array.isArray(pair) || pair.length !== 2 || !isToken(pair[0]) || !isToken(pair[1])) {
      throw new DecodeError('a bigram must be a pair of token ids', pair);
    }
    if (tokens.length > 0 && pair[0] !== last) {
      throw new DecodeError('bigrams must follow each other', pair);
    }
    tokens.push(pair[0]);
    last = pair[1];
  }
  tokens.push(last);
  return tokens;
}

function isToken(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= TOKEN_MAX;
}

export function readList(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new DecodeError(`${name} must be a list`, value);
}

/** An integer ≥ 0 that a number holds exactly, undefined where there is none. */
export function readCount(value: unknown, name: string): number | undefined {
  if (value === null || value === undefined) return undefined;
  const count = typeof value === 'bigint' ? Number(value) : value;
  if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number;
  throw new DecodeError(`${name} must be an integer of at least 0`, value);
}

/** A text, undefined where there is none; an empty one is none. */
export function readText(value: unknown, name: string): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new DecodeError(`${name} must be a text`, value);
}

/** What besides its tokens makes each block, by block. */
export function readExtraKeys(
  value: unknown,
): readonly (readonly ExtraKey[] | undefined)[] | undefined {
  if (value === null || value === undefined) return undefined;
  return readList(value, 'extra_keys').map((keys) =>
    keys === null || keys === undefined
      ? undefined
      : (readList(keys, 'extra_keys of a block') as ExtraKey[]),
  );
}

/** The hashes of the objects in each block, from Dynamo's `block_mm_infos`. */
export function readMediaHashes(value: unknown): readonly (readonly bigint[])[] | undefined {
  if (value === null || value === undefined) return undefined;
  return readList(value, 'block_mm_infos').map((info) => {
    if (!isFields(info)) return [];
    return readList(info.mm_objects ?? [], 'mm_objects').map((object) => {
      if (!isFields(object)) throw new DecodeError('an object must be a map', object);
      return readHash(object.mm_hash);
    });
  });
}
