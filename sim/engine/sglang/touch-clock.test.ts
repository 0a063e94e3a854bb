import { expect, test } from 'vitest';
import { TouchClock } from './touch-clock.ts';

test('requests of a pass in the order of admission, then what happens until the next', () => {
  const clock = new TouchClock();
  const before = clock.now(6);
  const later = clock.now(6);
  const moments = [before, later, clock.inPass(7, 3), clock.inPass(7, 12), clock.now(7)];
  moments.push(clock.now(7), clock.inPass(8, 0));
  expect(moments).toEqual([...moments].sort((a, b) => a - b));
  expect(new Set(moments).size).toBe(moments.length);
});

test('a pass of a leap has the moments that it had step by step', () => {
  const stepped = new TouchClock();
  for (let pass = 1; pass < 9; pass++) stepped.now(pass);
  const leapt = new TouchClock();
  leapt.now(0);
  expect(leapt.inPass(5, 2)).toBe(stepped.inPass(5, 2));
});
