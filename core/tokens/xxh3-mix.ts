import { add, addFoldedProduct, multiply, subtract, type U64, xorShiftFar } from './u64.ts';
import { DEFAULT_SECRET } from './xxh3-secret.ts';

export const PRIME32_1 = 0x9e3779b1;
export const PRIME64_1: Readonly<U64> = { high: 0x9e3779b1, low: 0x85ebca87 };
export const PRIME64_2: Readonly<U64> = { high: 0xc2b2ae3d, low: 0x27d4eb4f };
export const PRIME64_3: Readonly<U64> = { high: 0x165667b1, low: 0x9e3779f9 };

const left: U64 = { low: 0, high: 0 };
const right: U64 = { low: 0, high: 0 };

/** The finish of XXH3 for inputs above 8 bytes. */
export function avalanche(hash: U64): void {
  xorShiftFar(hash, 37);
  multiply(hash, 0x9e3779f9, 0x16566791);
  xorShiftFar(hash, 32);
}

/** hash += fold of 16 bytes of input against 16 bytes of secret, shifted by the seed. */
export function mixSixteen(
  hash: U64,
  view: DataView,
  offset: number,
  secretAt: number,
  seed: Readonly<U64>,
): void {
  left.low = DEFAULT_SECRET.getUint32(secretAt, true);
  left.high = DEFAULT_SECRET.getUint32(secretAt + 4, true);
  add(left, seed.low, seed.high);
  right.low = DEFAULT_SECRET.getUint32(secretAt + 8, true);
  right.high = DEFAULT_SECRET.getUint32(secretAt + 12, true);
  subtract(right, seed.low, seed.high);
  addFoldedProduct(
    hash,
    (view.getUint32(offset, true) ^ left.low) >>> 0,
    (view.getUint32(offset + 4, true) ^ left.high) >>> 0,
    (view.getUint32(offset + 8, true) ^ right.low) >>> 0,
    (view.getUint32(offset + 12, true) ^ right.high) >>> 0,
  );
}
