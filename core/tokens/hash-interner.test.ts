import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashInterner } from './hash-interner.ts';

test('ids count from 0; a hash keeps its id', () => {
  const interner = new HashInterner();
  expect(interner.find(5n)).toBe(-1);
  expect(interner.intern(5n)).toBe(0);
  expect(interner.intern((1n << 128n) - 1n)).toBe(1);
  expect(interner.intern(5n)).toBe(0);
  expect(interner.find((1n << 128n) - 1n)).toBe(1);
  expect(interner.hashOf(1)).toBe((1n << 128n) - 1n);
  expect(() => interner.hashOf(2)).toThrow('id 2');
});

test('hashes that fall into one bucket stay apart', () => {
  const interner = new HashInterner();
  expect(interner.intern(1n)).toBe(0);
  expect(interner.intern(0x8000_0001n)).toBe(1);
  expect([interner.find(1n), interner.find(0x8000_0001n)]).toEqual([0, 1]);
});

test('equals a map from hash to order of first sight', () => {
  const hash = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, (1n << 128n) - 1n));
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 200, size: 'max' }), (hashes) => {
      const interner = new HashInterner();
      const naive = new Map<bigint, number>();
      for (const value of hashes) {
        if (!naive.has(value)) naive.set(value, naive.size);
        expect(interner.intern(value)).toBe(naive.get(value));
      }
      expect(interner.size).toBe(naive.size);
      for (const value of hashes) expect(interner.hashOf(interner.find(value))).toBe(value);
    }),
    { seed: 11, numRuns: 100 },
  );
});
