import { expect, test } from 'vitest';
import { FollowUps } from './follow-ups.ts';

test('requests come by time, then by row', () => {
  const followUps = new FollowUps();
  expect(followUps.nextNs).toBe(Number.POSITIVE_INFINITY);
  followUps.add(3, 20);
  followUps.add(2, 10);
  followUps.add(1, 20);
  expect([followUps.nextNs, followUps.take(), followUps.take(), followUps.take()]).toEqual([
    10, 2, 1, 3,
  ]);
});
