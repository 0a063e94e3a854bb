import { expect, test } from 'vitest';
import { at, fly } from './sglang.fixture.ts';

test('prompts first: who decodes stands still in a pass of prefill', () => {
  // A decodes at 12 and 14; B, seen at 14, is computed until 24; then both get a token.
  expect(fly([at(0, 4, 4), at(13, 5, 2)])).toMatchObject([
    { first: 10, last: 26 },
    { admitted: 14, first: 24, last: 26 },
  ]);
});

test('an interval gives those that decode so many passes after each prefill', () => {
  const rows = [at(0, 5, 10), at(3, 6, 3)];
  expect(fly(rows)).toMatchObject([{ last: 38 }, { admitted: 10 }]);
  // Passes of decode end at 12, 14 and 16; after the prefill until 26 both decode.
  expect(fly(rows, { prefill_decode_interval: 3 })).toMatchObject([
    { first: 10, last: 38 },
    { admitted: 16, first: 26, last: 30 },
  ]);
});
