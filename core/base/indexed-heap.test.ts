import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedHeap } from './indexed-heap.ts';

test('rows leave by key; a removed row does not', () => {
  const heap = new IndexedHeap();
  heap.push(40, 3);
  heap.push(2, 1);
  heap.push(7, 2);
  heap.remove(7);
  expect([heap.has(7), heap.has(40), heap.size]).toEqual([false, true, 2]);
  expect([heap.pop(), heap.pop()]).toEqual([2, 40]);
  expect(() => heap.pop()).toThrow('empty');
  expect(() => heap.remove(2)).toThrow('not in the heap');
});

test('equals a sorted list under pushes, removals and pops', () => {
  const keys = fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(keys, fc.array(fc.nat(59), { maxLength: 40 }), (keysByRow, removals) => {
      const heap = new IndexedHeap();
      for (const [row, key] of keysByRow.entries()) heap.push(row, key);
      const left = new Set(keysByRow.keys());
      for (const row of removals) {
        if (!left.delete(row)) continue;
        heap.remove(row);
      }
      const expected = [...left].sort((a, b) => keysByRow[a]! - keysByRow[b]!);
      expect(expected.map(() => heap.pop())).toEqual(expected);
      expect(heap.size).toBe(0);
    }),
    { seed: 3, numRuns: 500 },
  );
});
