import { expect, test } from 'vitest';
import { BlockQueue } from './block-queue.ts';

test('blocks leave in order of insertion, also after removals at both ends and inside', () => {
  const queue = new BlockQueue(6);
  for (const block of [4, 0, 3, 5, 1]) queue.push(block);
  for (const block of [4, 3, 1]) queue.remove(block);
  expect([queue.size, queue.has(3), queue.has(5)]).toEqual([2, false, true]);
  queue.push(3);
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([0, 5, 3]);
  expect(() => queue.shift()).toThrow('empty');
  expect(() => queue.remove(0)).toThrow('not in the queue');
});

test('a block is in the queue once', () => {
  const queue = new BlockQueue(2);
  queue.push(1);
  expect(() => queue.push(1)).toThrow('is in the queue');
});
