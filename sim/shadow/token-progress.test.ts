import { expect, test } from 'vitest';
import { TokenProgress } from './token-progress.ts';

test('an answer that stops early, or goes on for longer, is told by the pace of its tokens', () => {
  const progress = new TokenProgress();
  expect(progress.reached(1)).toBeUndefined();
  progress.came(1, 100);
  expect([progress.reached(1), progress.reached(2), progress.reached(0)]).toEqual([
    ...[100, undefined, undefined],
  ]);
  progress.came(1, 120);
  progress.came(2, 130);
  expect(progress.tokens).toBe(4);
  // Three gaps of 10 on average; the last token is known to the nanosecond.
  expect([1, 2, 3, 4, 7].map((tokens) => progress.reached(tokens))).toEqual([
    ...[100, 110, 120, 130, 160],
  ]);
});
