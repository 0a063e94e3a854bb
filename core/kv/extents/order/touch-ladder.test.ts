import { expect, test } from 'vitest';
import { TouchLadder } from './touch-ladder.ts';

/** When each of the first blocks was touched. */
const times = (ladder: TouchLadder, blocks: number) =>
  Array.from({ length: blocks }, (_, index) => ladder.timeOf(0, index + 1));

test('a later touch covers all earlier ones of no more blocks', () => {
  const ladder = new TouchLadder();
  ladder.open(0);
  ladder.touch(0, 4, 10);
  ladder.touch(0, 2, 12);
  expect(times(ladder, 5)).toEqual([12, 12, 10, 10, 0]);
  expect([4, 3, 2].map((blocks) => ladder.laterWithin(0, blocks))).toEqual([2, 2, 0]);
  ladder.touch(0, 3, 11);
  expect(times(ladder, 4)).toEqual([12, 12, 11, 10]);
  // One that comes late changes only what is older.
  ladder.touch(0, 5, 11);
  expect(times(ladder, 5)).toEqual([12, 12, 11, 11, 11]);
  ladder.touch(0, 4, 20);
  expect(times(ladder, 5)).toEqual([20, 20, 20, 20, 11]);
});

test('cut to fewer blocks it keeps their times', () => {
  const ladder = new TouchLadder();
  ladder.open(0);
  ladder.touch(0, 6, 10);
  ladder.touch(0, 2, 12);
  ladder.cut(0, 4);
  expect(times(ladder, 6)).toEqual([12, 12, 10, 10, 0, 0]);
  ladder.cut(0, 0);
  expect(times(ladder, 1)).toEqual([0]);
});
