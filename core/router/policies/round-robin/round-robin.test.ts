import { expect, test } from 'vitest';
import { Fleet } from '../../fleet.ts';
import { RoundRobinPolicy } from './round-robin.ts';

test('each target in turn, over the targets that there are', () => {
  const fleet = new Fleet();
  for (const target of [4, 0, 2]) fleet.add(target);
  const policy = new RoundRobinPolicy(fleet);
  expect([1, 2, 3, 4].map(() => policy.choose())).toEqual([0, 2, 4, 0]);
  fleet.remove(2);
  // The fifth choice: 4 mod 2 = 0, then 1.
  expect([policy.choose(), policy.choose()]).toEqual([0, 4]);
});

test('with ranks each worker in turn, then the next rank of each', () => {
  const fleet = new Fleet();
  for (let target = 0; target < 6; target++) fleet.add(target);
  const policy = new RoundRobinPolicy(fleet, 3);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => policy.choose())).toEqual([0, 3, 1, 4, 2, 5, 0]);
  // Two workers of which one has lost a rank: no rows of three.
  fleet.remove(5);
  expect([policy.choose(), policy.choose()]).toEqual([2, 3]);
});
