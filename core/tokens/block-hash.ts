import { InputError } from '#core/base/errors.ts';
import { halvesOf, lowerAt, setBigInt, toBigInt, type U64 } from './u64.ts';
import { xxh3_64, xxh3Into } from './xxh3.ts';

/** The seed of unsalted block hashes and of every sequence hash (Dynamo's router and KVBM). */
const HASH_SEED = 1337n;

/** What besides the tokens decides whether two blocks hold the same KV values. */
export interface CacheSalt {
  /** The LoRA adapter's name; empty and absent are the same. */
  readonly loraName?: string;
  /** The request's cache salt or namespace; empty and absent are the same. */
  readonly cacheNamespace?: string;
}

export interface BlockHashOptions extends CacheSalt {
  /** Windows of blockSize + 1 tokens, as Eagle drafting engines report them. */
  readonly eagle?: boolean;
  /** Hashes of the multimodal objects that overlap a block, by block; their order is free. */
  readonly multimodalHashes?: readonly (readonly bigint[] | undefined)[];
}

const encoder = new TextEncoder();

/** The block seed of a salt: 1337 plus a hash of each given name, modulo 2^64. */
export function saltedSeed(salt: CacheSalt): bigint {
  let seed = HASH_SEED;
  if (salt.loraName) seed += xxh3_64(encoder.encode(salt.loraName), 0n);
  if (salt.cacheNamespace) seed += xxh3_64(encoder.encode(salt.cacheNamespace), 1n);
  return BigInt.asUintN(64, seed);
}

/** How many full blocks (Eagle: full windows) `tokens` tokens make. A block size of 0 is refused. */
export function fullBlockCount(tokens: number, blockSize: number, eagle = false): number {
  if (!Number.isInteger(blockSize) || blockSize <= 0) {
    throw new InputError('config_invalid', 'a block must hold at least one token', {
      path: 'block_size',
      received: blockSize,
      allowed: 'an integer of at least 1',
    });
  }
  return Math.floor(Math.max(0, eagle ? tokens - 1 : tokens) / blockSize);
}

/**
 * The hash of each full block, independent of what precedes it: XXH3-64 of its tokens as unsigned
 * 32-bit little-endian numbers, followed by its sorted multimodal hashes. The tail is dropped.
 */
export function blockHashes(
  tokens: ArrayLike<number>,
  blockSize: number,
  options: BlockHashOptions = {},
): BigUint64Array<ArrayBuffer> {
  return blockHashesWithSeed(tokens, blockSize, saltedSeed(options), options);
}

/** `blockHashes` under a given seed: keyed tracking hashes derive their own. */
export function blockHashesWithSeed(
  tokens: ArrayLike<number>,
  blockSize: number,
  seed: bigint,
  options: Omit<BlockHashOptions, keyof CacheSalt>,
): BigUint64Array<ArrayBuffer> {
  const eagle = options.eagle ?? false;
  const window = eagle ? blockSize + 1 : blockSize;
  const hashes = new BigUint64Array(fullBlockCount(tokens.length, blockSize, eagle));
  const halves = halvesOf(hashes);
  const objects = options.multimodalHashes ?? [];
  const objectsMax = objects.reduce((most, hashesOf) => Math.max(most, hashesOf?.length ?? 0), 0);
  const view = new DataView(new ArrayBuffer(4 * window + 8 * objectsMax));
  const seedRegister: U64 = { low: 0, high: 0 };
  const hash: U64 = { low: 0, high: 0 };
  setBigInt(seedRegister, seed);
  for (let block = 0; block < hashes.length; block++) {
    const first = block * blockSize;
    for (let at = 0; at < window; at++) view.setUint32(4 * at, tokens[first + at]!, true);
    const length = appendSorted(view, 4 * window, objects[block]);
    xxh3Into(hash, view, 0, length, seedRegister);
    const at = lowerAt(block);
    halves[at] = hash.low;
    halves[at ^ 1] = hash.high;
  }
  return hashes;
}

/** Writes the hashes in ascending order from `offset` on; returns where they end. */
function appendSorted(view: DataView, offset: number, hashes?: readonly bigint[]): number {
  if (hashes === undefined) return offset;
  const sorted = BigUint64Array.from(hashes).sort();
  let end = offset;
  for (const value of sorted) {
    view.setBigUint64(end, value, true);
    end += 8;
  }
  return end;
}

/**
 * Sequence hashes: each block's hash chained to its predecessors', so that equal numbers mean equal
 * prefixes. The first equals its block hash; later ones are XXH3-64 of (previous, own) under
 * `chainSeed`, which the salt does not enter.
 */
export function sequenceHashes(
  ofBlocks: ArrayLike<bigint>,
  chainSeed = HASH_SEED,
): BigUint64Array<ArrayBuffer> {
  const hashes = BigUint64Array.from(ofBlocks);
  const halves = halvesOf(hashes);
  const seed: U64 = { low: 0, high: 0 };
  const hash: U64 = { low: 0, high: 0 };
  setBigInt(seed, chainSeed);
  for (let block = 0; block < hashes.length; block++) {
    const at = lowerAt(block);
    if (block === 0) {
      hash.low = halves[at]!;
      hash.high = halves[at ^ 1]!;
      continue;
    }
    chainInto(hash, halves[at]!, halves[at ^ 1]!, seed);
    halves[at] = hash.low;
    halves[at ^ 1] = hash.high;
  }
  return hashes;
}

const chainView = new DataView(new ArrayBuffer(16));
const chainRegister: U64 = { low: 0, high: 0 };
const CHAIN_SEED: Readonly<U64> = { low: Number(HASH_SEED), high: 0 };

/** hash ← the sequence hash of the block (low, high) behind the one whose sequence hash is `hash`. */
export function chainInto(hash: U64, low: number, high: number, seed = CHAIN_SEED): void {
  chainView.setUint32(0, hash.low, true);
  chainView.setUint32(4, hash.high, true);
  chainView.setUint32(8, low, true);
  chainView.setUint32(12, high, true);
  xxh3Into(hash, chainView, 0, 16, seed);
}

/** The sequence hash of a block by that of the block before it and its own block hash. */
export function chainedHash(previous: bigint, blockHash: bigint): bigint {
  setBigInt(chainRegister, blockHash);
  const { low, high } = chainRegister;
  setBigInt(chainRegister, previous);
  chainInto(chainRegister, low, high);
  return toBigInt(chainRegister);
}
