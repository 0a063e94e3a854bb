import { expect, test } from 'vitest';
import { RecentMean } from './recent-mean.ts';

test('a quotient of sums, nothing at first', () => {
  const mean = new RecentMean();
  expect(mean.value).toBe(0);
  mean.add(300, 10);
  expect(mean.value).toBe(30);
  mean.add(0, 0);
  expect(mean.value).toBe(30);
});

test('what is old is forgotten', () => {
  const mean = new RecentMean();
  for (let turn = 0; turn < 500; turn++) mean.add(300, 10);
  for (let turn = 0; turn < 500; turn++) mean.add(500, 10);
  expect(mean.value).toBeCloseTo(50, 0);
});
