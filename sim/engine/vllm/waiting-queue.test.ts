import { expect, test } from 'vitest';
import { WaitingQueue } from './waiting-queue.ts';

test('first come, first served, but a preempted request goes first', () => {
  const queue = new WaitingQueue();
  for (const row of [1, 2, 3]) queue.pushBack(row);
  expect(queue.popFront()).toBe(1);
  queue.pushFront(9);
  expect([queue.first, queue.size]).toEqual([9, 3]);
  expect([queue.popFront(), queue.popFront(), queue.popFront(), queue.size]).toEqual([9, 2, 3, 0]);
});

test('the ring grows with its head anywhere', () => {
  const queue = new WaitingQueue();
  const expected: number[] = [];
  for (let row = 0; row < 10; row++) queue.pushBack(row);
  for (let row = 0; row < 10; row++) queue.popFront();
  for (let row = 0; row < 60; row++) {
    if (row % 3 === 0) {
      queue.pushFront(row);
      expected.unshift(row);
    } else {
      queue.pushBack(row);
      expected.push(row);
    }
  }
  expect(Array.from({ length: 60 }, () => queue.popFront())).toEqual(expected);
});
