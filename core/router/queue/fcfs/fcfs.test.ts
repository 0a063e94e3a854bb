import { expect, test } from 'vitest';
import { scoreFcfs } from './fcfs.ts';

test('older goes first, and a head start counts in seconds', () => {
  expect(scoreFcfs(0, 1)).toBeGreaterThan(scoreFcfs(0, 2));
  expect(scoreFcfs(3, 5)).toBe(scoreFcfs(0, 2));
  expect(scoreFcfs(-3, 5)).toBe(-5);
});
