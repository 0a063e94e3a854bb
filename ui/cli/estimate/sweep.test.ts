import { expect, test } from 'vitest';
import { parseSweep } from './sweep.ts';

test.each([
  ['concurrency=1..8', [1, 2, 4, 8]],
  ['concurrency=3..10', [3, 6, 10]],
  ['concurrency=1,8,64', [1, 8, 64]],
  ['concurrency=5..5', [5]],
])('%s', (text, values) => {
  expect(parseSweep(text)).toEqual(values);
});

test.each(['concurrency=0..4', 'concurrency=8..1', 'rate=1..4', 'concurrency=a'])(
  '%s is refused',
  (text) => {
    expect(() => parseSweep(text)).toThrow(/allowed/);
  },
);
