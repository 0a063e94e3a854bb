import { expect, test } from 'vitest';
import { at, fly } from './sglang.fixture.ts';

const one = { max_num_seqs: 1 };
const lpm = { ...one, schedule_policy: 'lpm' };

test('the longest cached prefix comes in first', () => {
  const rows = [at(0, 8, 2, [1, 2]), at(1, 8, 2, [8, 9]), at(2, 12, 2, [1, 2, 3])];
  expect(fly(rows, one).map(({ admitted }) => admitted)).toEqual([0, 12, 24]);
  expect(fly(rows, lpm).map(({ admitted }) => admitted)).toEqual([0, 24, 12]);
});

test('a prompt that begins like one before it goes to the end until that one is computed', () => {
  // 32 tokens in common are eight pages.
  const beginning = [1, 2, 3, 4, 5, 6, 7, 8];
  const rows = [
    at(0, 4, 2, [90]),
    at(1, 36, 1, [...beginning, 10]),
    at(2, 36, 1, [...beginning, 11]),
    at(3, 4, 1, [91]),
  ];
  // At 12 the second of the two is put back behind the last; at 22 it has the longest prefix.
  expect(fly(rows, lpm)).toMatchObject([
    { admitted: 0 },
    { admitted: 12 },
    { admitted: 22, reused: 32 },
    { admitted: 32 },
  ]);
});

test('more than 128 that wait come in as they came', () => {
  const others = Array.from({ length: 128 }, (_, index) => at(1, 4, 1, [100 + index]));
  const rows = [at(0, 8, 2, [1, 2]), ...others, at(2, 12, 1, [1, 2, 3])];
  // 129 wait at 12 ms; the next pass finds 128, and the one with a prefix overtakes.
  expect(
    fly(rows, lpm)
      .map(({ admitted }) => admitted)
      .at(1),
  ).toBe(12);
  expect(
    fly(rows, lpm)
      .map(({ admitted }) => admitted)
      .at(-1),
  ).toBe(22);
});
