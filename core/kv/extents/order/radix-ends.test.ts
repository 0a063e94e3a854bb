import { expect, test } from 'vitest';
import { RadixEnds } from './radix-ends.ts';

test('ends of each residency, and the deepest within so many blocks', () => {
  const ends = new RadixEnds();
  ends.open(30);
  for (const end of [4, 9, 4, 6]) ends.add(30, end);
  expect([3, 4, 5, 8, 20].map((blocks) => ends.lastWithin(30, blocks))).toEqual([0, 4, 4, 6, 9]);
  expect([ends.has(30, 6), ends.has(30, 5), ends.has(30, 0)]).toEqual([true, false, false]);
  ends.clearFrom(30, 6);
  expect(ends.lastWithin(30, 20)).toBe(4);
  ends.open(30);
  expect(ends.lastWithin(30, 20)).toBe(0);
});
