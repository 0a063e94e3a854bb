import {
  add,
  addFoldedProduct,
  multiply,
  setBigInt,
  subtract,
  swapBytes,
  toBigInt,
  type U64,
  xorShiftFar,
  xorShiftNear,
} from './u64.ts';
import { hashLong } from './xxh3-long.ts';
import { avalanche, mixSixteen, PRIME64_1, PRIME64_2, PRIME64_3 } from './xxh3-mix.ts';
import { DEFAULT_SECRET } from './xxh3-secret.ts';

const secret = DEFAULT_SECRET;
const flip: U64 = { low: 0, high: 0 };
const word: U64 = { low: 0, high: 0 };

/**
 * XXH3-64 of `bytes` under a seed, as specified by the xxHash project (variant with 64-bit result,
 * default secret). `seed` is taken modulo 2^64; the result is unsigned.
 */
export function xxh3_64(bytes: Uint8Array, seed = 0n): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seedRegister: U64 = { low: 0, high: 0 };
  setBigInt(seedRegister, seed);
  const hash: U64 = { low: 0, high: 0 };
  xxh3Into(hash, view, 0, bytes.length, seedRegister);
  return toBigInt(hash);
}

/**
 * The same without BigInt: hash ← XXH3-64 of the `length` bytes of `view` from `offset` on. `hash`
 * must not be `seed`.
 */
export function xxh3Into(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  if (length > 240) hashLong(hash, view, offset, length, seed);
  else if (length > 128) hashTo240(hash, view, offset, length, seed);
  else if (length > 16) hashTo128(hash, view, offset, length, seed);
  else if (length > 8) hashTo16(hash, view, offset, length, seed);
  else if (length > 3) hashTo8(hash, view, offset, length, seed);
  else if (length > 0) hashTo3(hash, view, offset, length, seed);
  else hashEmpty(hash, seed);
}

/** register ← the XOR of the secret's 64-bit words at `a` and `b`. */
function setSecretPair(register: U64, a: number, b: number): void {
  register.low = (secret.getUint32(a, true) ^ secret.getUint32(b, true)) >>> 0;
  register.high = (secret.getUint32(a + 4, true) ^ secret.getUint32(b + 4, true)) >>> 0;
}

/** The finish of XXH64, which the shortest inputs share. */
function avalancheXxh64(hash: U64): void {
  xorShiftFar(hash, 33);
  multiply(hash, PRIME64_2.low, PRIME64_2.high);
  xorShiftNear(hash, 29);
  multiply(hash, PRIME64_3.low, PRIME64_3.high);
  xorShiftFar(hash, 32);
}

function hashEmpty(hash: U64, seed: Readonly<U64>): void {
  setSecretPair(hash, 56, 64);
  hash.low = (hash.low ^ seed.low) >>> 0;
  hash.high = (hash.high ^ seed.high) >>> 0;
  avalancheXxh64(hash);
}

/** 1 to 3 bytes: first, middle, last and the length make one 32-bit word. */
function hashTo3(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  const first = view.getUint8(offset);
  const middle = view.getUint8(offset + (length >> 1));
  const last = view.getUint8(offset + length - 1);
  const combined = (first << 16) | (middle << 24) | last | (length << 8);
  hash.low = (secret.getUint32(0, true) ^ secret.getUint32(4, true)) >>> 0;
  hash.high = 0;
  add(hash, seed.low, seed.high);
  hash.low = (hash.low ^ combined) >>> 0;
  avalancheXxh64(hash);
}

/** 4 to 8 bytes: the first and last four, which may overlap. */
function hashTo8(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  setSecretPair(flip, 8, 16);
  subtract(flip, seed.low, (seed.high ^ swapBytes(seed.low)) >>> 0);
  const low = (view.getUint32(offset + length - 4, true) ^ flip.low) >>> 0;
  const high = (view.getUint32(offset, true) ^ flip.high) >>> 0;
  // x ^ rotl(x, 49) ^ rotl(x, 24): a rotation by 49 is one by 17 with the halves exchanged.
  hash.low = low ^ ((high << 17) | (low >>> 15)) ^ ((low << 24) | (high >>> 8));
  hash.high = high ^ ((low << 17) | (high >>> 15)) ^ ((high << 24) | (low >>> 8));
  hash.low >>>= 0;
  hash.high >>>= 0;
  multiply(hash, 0x1e98df25, 0x9fb21c65);
  hash.low = (hash.low ^ ((hash.high >>> 3) + length)) >>> 0;
  multiply(hash, 0x1e98df25, 0x9fb21c65);
  xorShiftNear(hash, 28);
}

/** 9 to 16 bytes: the first and last eight, which may overlap. */
function hashTo16(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  setSecretPair(flip, 24, 32);
  add(flip, seed.low, seed.high);
  const firstLow = (view.getUint32(offset, true) ^ flip.low) >>> 0;
  const firstHigh = (view.getUint32(offset + 4, true) ^ flip.high) >>> 0;
  setSecretPair(flip, 40, 48);
  subtract(flip, seed.low, seed.high);
  const last = offset + length - 8;
  word.low = (view.getUint32(last, true) ^ flip.low) >>> 0;
  word.high = (view.getUint32(last + 4, true) ^ flip.high) >>> 0;
  hash.low = length;
  hash.high = 0;
  add(hash, swapBytes(firstHigh), swapBytes(firstLow));
  add(hash, word.low, word.high);
  addFoldedProduct(hash, firstLow, firstHigh, word.low, word.high);
  avalanche(hash);
}

/** hash ← length × PRIME64_1, the start of every input above 16 bytes. */
function setLengthProduct(hash: U64, length: number): void {
  hash.low = length;
  hash.high = 0;
  multiply(hash, PRIME64_1.low, PRIME64_1.high);
}

/** 17 to 128 bytes: pairs of 16 bytes from both ends towards the middle. */
function hashTo128(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  setLengthProduct(hash, length);
  const end = offset + length;
  for (let pair = (length - 1) >> 5; pair >= 0; pair--) {
    mixSixteen(hash, view, offset + 16 * pair, 32 * pair, seed);
    mixSixteen(hash, view, end - 16 * (pair + 1), 32 * pair + 16, seed);
  }
  avalanche(hash);
}

/** 129 to 240 bytes: 16 at a time, with an avalanche after the first eight. */
function hashTo240(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  setLengthProduct(hash, length);
  for (let round = 0; round < 8; round++) {
    mixSixteen(hash, view, offset + 16 * round, 16 * round, seed);
  }
  avalanche(hash);
  const rounds = length >> 4;
  for (let round = 8; round < rounds; round++) {
    mixSixteen(hash, view, offset + 16 * round, 16 * (round - 8) + 3, seed);
  }
  mixSixteen(hash, view, offset + length - 16, 136 - 17, seed);
  avalanche(hash);
}
