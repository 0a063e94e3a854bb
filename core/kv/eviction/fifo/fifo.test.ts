import { expect, test } from 'vitest';
import { FifoEviction } from './fifo.ts';

test('age counts from becoming visible, not from the last use', () => {
  const fifo = new FifoEviction();
  fifo.insert(5, 50, -1, 2);
  fifo.insert(6, 60, -1, 1);
  fifo.insert(7, 70, -1, 3);
  fifo.remove(6);
  fifo.insert(6, 60, -1, 1);
  expect([fifo.nextVictim(), fifo.nextVictim(), fifo.nextVictim()]).toEqual([6, 5, 7]);
});
