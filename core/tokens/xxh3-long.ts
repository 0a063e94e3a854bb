import { addFoldedProduct, multiply, multiplyHigh, type U64 } from './u64.ts';
import { avalanche, PRIME32_1, PRIME64_1 } from './xxh3-mix.ts';
import { SECRET_BYTES, secretFor } from './xxh3-secret.ts';

const STRIPE_BYTES = 64;
const SECRET_STEP = 8;
const LAST_STRIPE_SECRET = SECRET_BYTES - STRIPE_BYTES - 7;
const STRIPES_PER_BLOCK = (SECRET_BYTES - STRIPE_BYTES) / SECRET_STEP;
const BLOCK_BYTES = STRIPES_PER_BLOCK * STRIPE_BYTES;
const MERGE_SECRET = 11;

/** Where the eight accumulators start: low half, high half. */
const START = Uint32Array.of(
  0xc2b2ae3d,
  0,
  PRIME64_1.low,
  PRIME64_1.high,
  0x27d4eb4f,
  0xc2b2ae3d,
  0x9e3779f9,
  0x165667b1,
  0xc2b2ae63,
  0x85ebca77,
  0x85ebca77,
  0,
  0x165667c5,
  0x27d4eb2f,
  PRIME32_1,
  0,
);

/**
 * The eight 64-bit accumulators, low half before high half:
 *
 *     lanes[2 i]       low 32 bits of accumulator i
 *     lanes[2 i + 1]   high 32 bits
 */
const lanes = new Uint32Array(START.length);

/**
 * hash ← XXH3-64 of more than 240 bytes. Stripes of 64 bytes are accumulated, each against a window
 * of the secret that moves by 8 bytes; after 16 stripes the accumulators are scrambled.
 */
export function hashLong(
  hash: U64,
  view: DataView,
  offset: number,
  length: number,
  seed: Readonly<U64>,
): void {
  const secret = secretFor(seed.low, seed.high);
  lanes.set(START);
  const blocks = Math.floor((length - 1) / BLOCK_BYTES);
  for (let block = 0; block < blocks; block++) {
    const blockAt = offset + block * BLOCK_BYTES;
    for (let stripe = 0; stripe < STRIPES_PER_BLOCK; stripe++) {
      accumulate(view, blockAt + stripe * STRIPE_BYTES, secret, stripe * SECRET_STEP);
    }
    scramble(secret);
  }
  const tailAt = offset + blocks * BLOCK_BYTES;
  const stripes = Math.floor((length - 1 - blocks * BLOCK_BYTES) / STRIPE_BYTES);
  for (let stripe = 0; stripe < stripes; stripe++) {
    accumulate(view, tailAt + stripe * STRIPE_BYTES, secret, stripe * SECRET_STEP);
  }
  accumulate(view, offset + length - STRIPE_BYTES, secret, LAST_STRIPE_SECRET);
  merge(hash, secret, length);
}

/** One stripe: each input word is added to the neighbour's lane, its keyed halves' product to its own. */
function accumulate(view: DataView, offset: number, secret: DataView, secretAt: number): void {
  for (let lane = 0; lane < 16; lane += 2) {
    const at = 4 * lane;
    const low = view.getUint32(offset + at, true);
    const high = view.getUint32(offset + at + 4, true);
    addToLane(lane ^ 2, low, high);
    const keyedLow = (low ^ secret.getUint32(secretAt + at, true)) >>> 0;
    const keyedHigh = (high ^ secret.getUint32(secretAt + at + 4, true)) >>> 0;
    addToLane(lane, Math.imul(keyedLow, keyedHigh) >>> 0, multiplyHigh(keyedLow, keyedHigh));
  }
}

function addToLane(lane: number, low: number, high: number): void {
  const sum = lanes[lane]! + low;
  lanes[lane] = sum;
  lanes[lane + 1] = lanes[lane + 1]! + high + (sum > 0xffff_ffff ? 1 : 0);
}

/** Every lane: lane ^= lane >>> 47, XOR the end of the secret, × PRIME32_1. */
function scramble(secret: DataView): void {
  const secretAt = SECRET_BYTES - STRIPE_BYTES;
  for (let lane = 0; lane < 16; lane += 2) {
    const high = lanes[lane + 1]!;
    const low = (lanes[lane]! ^ (high >>> 15) ^ secret.getUint32(secretAt + 4 * lane, true)) >>> 0;
    const keyedHigh = high ^ secret.getUint32(secretAt + 4 * lane + 4, true);
    lanes[lane] = Math.imul(low, PRIME32_1);
    lanes[lane + 1] = multiplyHigh(low, PRIME32_1) + Math.imul(keyedHigh, PRIME32_1);
  }
}

/** hash ← the four folded products of lane pairs over the length's product, avalanched. */
function merge(hash: U64, secret: DataView, length: number): void {
  hash.low = length >>> 0;
  hash.high = Math.floor(length / 4_294_967_296);
  multiply(hash, PRIME64_1.low, PRIME64_1.high);
  for (let lane = 0; lane < 16; lane += 4) {
    const secretAt = MERGE_SECRET + 4 * lane;
    addFoldedProduct(
      hash,
      (lanes[lane]! ^ secret.getUint32(secretAt, true)) >>> 0,
      (lanes[lane + 1]! ^ secret.getUint32(secretAt + 4, true)) >>> 0,
      (lanes[lane + 2]! ^ secret.getUint32(secretAt + 8, true)) >>> 0,
      (lanes[lane + 3]! ^ secret.getUint32(secretAt + 12, true)) >>> 0,
    );
  }
  avalanche(hash);
}
