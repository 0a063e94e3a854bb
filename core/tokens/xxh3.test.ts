import { xxh3 } from '@node-rs/xxhash';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xxh3_64 } from './xxh3.ts';

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 167 + (at >> 8) * 29 + 13) & 0xff);
}

test('published values', () => {
  expect(xxh3_64(new TextEncoder().encode('test data'), 1337n)).toBe(13226331709069118873n);
  expect(xxh3_64(new Uint8Array(0), 0n)).toBe(0x2d06800538d394c2n);
});

test('every length up to 2,000 under three seeds', () => {
  for (let length = 0; length <= 2_000; length++) {
    const bytes = bytesOf(length);
    for (const seed of [0n, 1337n, MAX_U64]) {
      if (xxh3_64(bytes, seed) === xxh3.xxh64(bytes, seed)) continue;
      expect.fail(`length ${length}, seed ${seed}`);
    }
  }
});

test('random bytes and seeds, also above many scrambles', () => {
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 2_000, size: 'max' }),
    fc.uint8Array({ minLength: 2_000, maxLength: 9_000, size: 'max' }),
  );
  fc.assert(
    fc.property(inputs, fc.bigInt(0n, MAX_U64), (bytes, seed) => {
      expect(xxh3_64(bytes, seed)).toBe(xxh3.xxh64(bytes, seed));
    }),
    { seed: 20_260_801, numRuns: 300 },
  );
});

test('a view into a larger buffer is hashed alone', () => {
  const bytes = bytesOf(400);
  expect(xxh3_64(bytes.subarray(33, 333), 7n)).toBe(xxh3_64(bytes.slice(33, 333), 7n));
});

test('the seed is taken modulo 2^64', () => {
  const bytes = bytesOf(300);
  expect(xxh3_64(bytes, (1n << 64n) + 5n)).toBe(xxh3_64(bytes, 5n));
});
