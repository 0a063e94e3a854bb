import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { blockHashes, sequenceHashes } from './block-hash.ts';
import {
  childFragment,
  compareLineage,
  formatLineage,
  lineageOf,
  packLineage,
  parseLineage,
  unpackLineage,
} from './positional-lineage-hash.ts';

const twelve = sequenceHashes(
  blockHashes(
    Array.from({ length: 12 }, (_, at) => at + 1),
    4,
  ),
);

test('known values and their text', () => {
  const lineage = lineageOf(twelve);
  expect(lineage.map((hash) => hash.toString(16).padStart(32, '0'))).toEqual([
    '0032ce3935fecb729700000000000000',
    '005128ac8de75b4f0f78e4d7fb2dca5c',
    '00aba8799e9b2033e122b2379d6d3c3d',
  ]);
  expect(lineage.map(formatLineage)).toEqual([
    '0:azWbh91idkf',
    '1:CUrLYDFnmBa:13A3sGnbCSf',
    '2:WD9tZKnMfx7:12KG5vAW7Me',
  ]);
  expect(lineage.map(formatLineage).map(parseLineage)).toEqual(lineage);
});

test('packing and unpacking are inverse on both sides of every change of mode', () => {
  const positions = fc.constantFrom(0, 1, 255, 256, 65_535, 65_536, 2 ** 24 - 1);
  const hashes = fc.bigInt(0n, (1n << 64n) - 1n);
  fc.assert(
    fc.property(positions, hashes, hashes, (position, current, parent) => {
      const packed = packLineage(position, current, parent);
      expect(unpackLineage(packed)).toEqual({
        position,
        current,
        parentFragment: position === 0 ? 0n : childFragment(parent, position),
      });
      expect(packed >> 128n).toBe(0n);
      expect(parseLineage(formatLineage(packed))).toBe(packed);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a child names its parent in its own mode', () => {
  const parent = (1n << 64n) - 1n;
  for (const [position, bits] of [
    [255, 54n],
    [256, 46n],
    [65_535, 46n],
    [65_536, 38n],
  ] as const) {
    const child = packLineage(position, 5n, parent);
    expect(unpackLineage(child).parentFragment).toBe((1n << bits) - 1n);
    expect(childFragment(parent, position)).toBe((1n << bits) - 1n);
  }
});

test('order: position, then current hash', () => {
  const [first, second] = [packLineage(0, 9n), packLineage(300, 1n, 9n)];
  const third = packLineage(300, 2n, 9n);
  expect([third, second, first].sort(compareLineage)).toEqual([first, second, third]);
  expect(compareLineage(first, first)).toBe(0);
});

test('what is no hash is refused', () => {
  expect(() => unpackLineage(3n << 126n)).toThrow(InputError);
  for (const text of ['', '0', '0:0', '1:azWbh91idkf', '0:1', '99999999:azWbh91idkf:1']) {
    expect(() => parseLineage(text), text).toThrow(InputError);
  }
  expect(() => packLineage(2 ** 24, 1n)).toThrow('position');
});
