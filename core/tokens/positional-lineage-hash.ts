import { assert } from '#core/base/assert.ts';
import { InputError } from '#core/base/errors.ts';

/**
 * A block's identity across tiers and machines: its sequence hash, its position, and a fragment of
 * its parent's sequence hash, so that the holder of one hash finds the parent. 128 bits, from the
 * most significant down:
 *
 *     mode 2 | position P | current sequence hash 64 | parent fragment R (low bits)
 *     mode 0: position < 2^8,  P =  8, R = 54
 *     mode 1: position < 2^16, P = 16, R = 46
 *     mode 2: position < 2^24, P = 24, R = 38
 */
export interface PositionalLineage {
  readonly position: number;
  readonly current: bigint;
  /** Low bits of the parent's sequence hash; 0 at position 0. */
  readonly parentFragment: bigint;
}

const POSITION_BITS = [8, 16, 24] as const;
const PAYLOAD_BITS = 62;
const POSITION_LIMIT = 2 ** 24;
const U64_MASK = (1n << 64n) - 1n;
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function modeOf(position: number): 0 | 1 | 2 {
  if (position < 2 ** 8) return 0;
  return position < 2 ** 16 ? 1 : 2;
}

function fragmentMask(position: number): bigint {
  return (1n << BigInt(PAYLOAD_BITS - POSITION_BITS[modeOf(position)])) - 1n;
}

/** The fragment under which a child at `position` names the block with this sequence hash. */
export function childFragment(current: bigint, position: number): bigint {
  return current & fragmentMask(position);
}

/** Packs the hash of the block at `position`; `parent` is the sequence hash before it, if any. */
export function packLineage(position: number, current: bigint, parent = 0n): bigint {
  assert(
    Number.isInteger(position) && position >= 0 && position < POSITION_LIMIT,
    `a block position lies in 0…2^24 − 1, got ${position}`,
  );
  const mode = modeOf(position);
  const positionBits = BigInt(POSITION_BITS[mode]);
  const fragment = position === 0 ? 0n : childFragment(parent, position);
  const head = (BigInt(mode) << positionBits) | BigInt(position);
  const fragmentBits = BigInt(PAYLOAD_BITS) - positionBits;
  return (((head << 64n) | BigInt.asUintN(64, current)) << fragmentBits) | fragment;
}

/** The parts of a packed hash. Mode 3 does not exist and is refused. */
export function unpackLineage(hash: bigint): PositionalLineage {
  const mode = Number((hash >> 126n) & 3n);
  const bits = POSITION_BITS[mode];
  if (bits === undefined || hash < 0n || hash >> 128n !== 0n) throw malformed(hash.toString(16));
  const fragmentBits = BigInt(PAYLOAD_BITS - bits);
  return {
    position: Number((hash >> (64n + fragmentBits)) & ((1n << BigInt(bits)) - 1n)),
    current: (hash >> fragmentBits) & U64_MASK,
    parentFragment: hash & ((1n << fragmentBits) - 1n),
  };
}

/** One packed hash for each sequence hash of a request, in order. */
export function lineageOf(sequenceHashes: ArrayLike<bigint>): bigint[] {
  return Array.from(sequenceHashes, (current, position) =>
    packLineage(position, current, position === 0 ? 0n : sequenceHashes[position - 1]!),
  );
}

/** Orders by position, then current hash, then the whole value. */
export function compareLineage(a: bigint, b: bigint): number {
  const left = unpackLineage(a);
  const right = unpackLineage(b);
  if (left.position !== right.position) return left.position - right.position;
  if (left.current !== right.current) return left.current < right.current ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** `position:current`, and `:parentFragment` behind the first block, in base 58: a storage key. */
export function formatLineage(hash: bigint): string {
  const { position, current, parentFragment } = unpackLineage(hash);
  const head = `${position}:${encodeBase58(current)}`;
  return position === 0 ? head : `${head}:${encodeBase58(parentFragment)}`;
}

/** Reads what `formatLineage` wrote. */
export function parseLineage(text: string): bigint {
  const match = /^(\d{1,8}):([1-9A-Za-z]+)(?::([1-9A-Za-z]+))?$/.exec(text);
  if (match === null) throw malformed(text);
  const position = Number(match[1]);
  if (position >= POSITION_LIMIT || (position === 0) !== (match[3] === undefined)) {
    throw malformed(text);
  }
  const current = decodeBase58(match[2]!, text);
  const fragment = match[3] === undefined ? 0n : decodeBase58(match[3], text);
  if (fragment > fragmentMask(position)) throw malformed(text);
  return packLineage(position, current, fragment);
}

/** Base 58 of the eight big-endian bytes: every leading zero byte is a `1`. */
function encodeBase58(value: bigint): string {
  let digits = '';
  for (let rest = value; rest > 0n; rest /= 58n) digits = BASE58[Number(rest % 58n)]! + digits;
  let zeroBytes = 8;
  for (let rest = value; rest > 0n; rest >>= 8n) zeroBytes--;
  return '1'.repeat(zeroBytes) + digits;
}

function decodeBase58(digits: string, text: string): bigint {
  let value = 0n;
  for (const digit of digits) {
    const at = BASE58.indexOf(digit);
    if (at < 0) throw malformed(text);
    value = value * 58n + BigInt(at);
  }
  if (value > U64_MASK || encodeBase58(value) !== digits) throw malformed(text);
  return value;
}

function malformed(received: string): InputError {
  return new InputError('trace_invalid', 'not a positional lineage hash', { received });
}
