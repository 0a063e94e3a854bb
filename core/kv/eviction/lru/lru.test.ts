import { expect, test } from 'vitest';
import { LruEviction } from './lru.ts';

test('a revived block goes to the end when it is let go again', () => {
  const lru = new LruEviction(3);
  for (const block of [0, 1, 2]) lru.insert(block);
  lru.remove(0);
  lru.insert(0);
  expect([lru.nextVictim(), lru.nextVictim(), lru.nextVictim(), lru.size]).toEqual([1, 2, 0, 0]);
});
