import { skipSpace } from './json-scan.ts';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const ZERO = 0x30;
const MAX = 2 ** 32 - 1;

/**
 * The numbers of a JSON array, `[3,17,4]`, read where they stand: a prompt of thousands of token ids
 * needs neither text nor boxed values. Undefined where there is anything but unsigned 32-bit integers
 * in plain digits, for `JSON.parse` to read; `bytes` are one JSON value, checked before.
 */
export function readNumbers(bytes: Uint8Array): Uint32Array<ArrayBuffer> | undefined {
  if (bytes[0] !== OPEN) return undefined;
  // A number takes two bytes at least: its digit, and what parts it from the next.
  const numbers = new Uint32Array(bytes.length >> 1);
  let count = 0;
  let at = skipSpace(bytes, 1);
  while (bytes[at] !== CLOSE) {
    const from = at;
    let value = 0;
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) {
      value = 10 * value + digit;
    }
    if (at === from || value > MAX) return undefined;
    numbers[count++] = value;
    at = skipSpace(bytes, at);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
    else if (bytes[at] !== CLOSE) return undefined;
  }
  return numbers.subarray(0, count);
}
