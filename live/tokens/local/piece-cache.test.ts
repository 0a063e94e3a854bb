import { expect, test } from 'vitest';
import { PieceCache } from './piece-cache.ts';

const tokens = (count: number) => new Uint32Array(count);

test('what was used least lately goes first', () => {
  // A piece of one character and two tokens takes 10 bytes.
  const cache = new PieceCache(30);
  for (const text of ['a', 'b', 'c']) cache.add(text, tokens(2));
  expect(cache.bytes).toBe(30);
  cache.get('a');
  cache.add('d', tokens(2));
  expect(['a', 'b', 'c', 'd'].map((text) => cache.get(text) !== undefined)).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(cache.bytes).toBe(30);
});

test('a piece that is larger than the cache pushes nothing out', () => {
  const cache = new PieceCache(10);
  cache.add('a', tokens(2));
  cache.add('large', tokens(1));
  expect(cache.get('large')).toBeUndefined();
  expect(cache.get('a')).toHaveLength(2);
});
