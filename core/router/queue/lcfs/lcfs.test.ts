import { expect, test } from 'vitest';
import { scoreLcfs } from './lcfs.ts';

test('younger goes first, and a head start counts in seconds', () => {
  expect(scoreLcfs(0, 2)).toBeGreaterThan(scoreLcfs(0, 1));
  expect(scoreLcfs(3, 2)).toBe(scoreLcfs(0, 5));
  expect(scoreLcfs(-3, 2)).toBe(2);
});
