import { expect, test } from 'vitest';
import { LengthCounts } from './length-counts.ts';

test('the longest need of each owner, each as often as it was added', () => {
  const counts = new LengthCounts();
  counts.reserve(40);
  expect(counts.longest(39)).toBe(0);
  for (const length of [3, 5, 3, 4]) counts.add(39, length);
  counts.add(2, 9);
  expect([3, 4, 6].map((length) => counts.users(39, length))).toEqual([2, 1, 0]);
  const seen = [3, 5, 4, 3].map((length) => {
    counts.remove(39, length);
    return counts.longest(39);
  });
  expect(seen).toEqual([5, 4, 3, 0]);
  expect(counts.longest(2)).toBe(9);
});

test('what was not added cannot be removed', () => {
  const counts = new LengthCounts();
  counts.add(0, 3);
  expect(() => counts.remove(0, 2)).toThrow('nobody needs');
});
