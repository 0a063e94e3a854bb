/**
 * Arithmetic modulo 2^64 on a pair of unsigned 32-bit halves. BigInt would allocate at every step,
 * and hashing sits on the path of every request.
 */
export interface U64 {
  low: number;
  high: number;
}

/** Passes numbers between halves and BigInts without arithmetic on BigInts, which allocates. */
const passage = new DataView(new ArrayBuffer(8));

/** Sets `register` from an unsigned (or wrapped signed) BigInt. */
export function setBigInt(register: U64, value: bigint): void {
  passage.setBigUint64(0, value, true);
  register.low = passage.getUint32(0, true);
  register.high = passage.getUint32(4, true);
}

/** The register as an unsigned BigInt. */
export function toBigInt(register: U64): bigint {
  passage.setUint32(0, register.low, true);
  passage.setUint32(4, register.high, true);
  return passage.getBigUint64(0, true);
}

const LOWER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** The halves of 64-bit numbers where they lie, so that no BigInt stands between: see `lowerAt`. */
export function halvesOf(values: BigUint64Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
}

/** Where the lower half of a number lies in `halvesOf`; the other half is at this ^ 1. */
export function lowerAt(index: number): number {
  return 2 * index + LOWER;
}

/** register += (low, high). */
export function add(register: U64, low: number, high: number): void {
  const sum = register.low + low;
  register.low = sum >>> 0;
  register.high = (register.high + high + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
}

/** register −= (low, high). */
export function subtract(register: U64, low: number, high: number): void {
  const borrow = register.low < low ? 1 : 0;
  register.low = (register.low - low) >>> 0;
  register.high = (register.high - high - borrow) >>> 0;
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit numbers, from 16-bit limbs. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** register *= (low, high), the product cut to 64 bits. */
export function multiply(register: U64, low: number, high: number): void {
  const ownLow = register.low;
  const cross = (Math.imul(ownLow, high) + Math.imul(register.high, low)) | 0;
  register.high = (multiplyHigh(ownLow, low) + cross) >>> 0;
  register.low = Math.imul(ownLow, low) >>> 0;
}

/** register += upper half XOR lower half of the 128-bit product of a and b. */
export function addFoldedProduct(
  register: U64,
  aLow: number,
  aHigh: number,
  bLow: number,
  bHigh: number,
): void {
  const bottom = Math.imul(aLow, bLow);
  // The column at bit 32 sums at most three 32-bit numbers, the one at bit 64 as many and a carry.
  const bit32 =
    multiplyHigh(aLow, bLow) + (Math.imul(aLow, bHigh) >>> 0) + (Math.imul(aHigh, bLow) >>> 0);
  const bit64 =
    multiplyHigh(aLow, bHigh) +
    multiplyHigh(aHigh, bLow) +
    (Math.imul(aHigh, bHigh) >>> 0) +
    Math.floor(bit32 / 4_294_967_296);
  const top = multiplyHigh(aHigh, bHigh) + Math.floor(bit64 / 4_294_967_296);
  add(register, (bottom ^ bit64) >>> 0, (bit32 ^ top) >>> 0);
}

/** register ^= register >>> bits, for 32 ≤ bits < 64. */
export function xorShiftFar(register: U64, bits: number): void {
  register.low = (register.low ^ (register.high >>> (bits - 32))) >>> 0;
}

/** register ^= register >>> bits, for 0 < bits < 32. */
export function xorShiftNear(register: U64, bits: number): void {
  const { low, high } = register;
  register.low = (low ^ ((low >>> bits) | (high << (32 - bits)))) >>> 0;
  register.high = (high ^ (high >>> bits)) >>> 0;
}

/** The 32-bit number with its bytes in opposite order. */
export function swapBytes(value: number): number {
  const pairs = ((value & 0x00ff_00ff) << 8) | ((value >>> 8) & 0x00ff_00ff);
  return ((pairs << 16) | (pairs >>> 16)) >>> 0;
}
