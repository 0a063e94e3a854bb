import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { conversationLengths, drawLength, longest, meanLength } from './lengths.ts';
import type { Lengths } from './load-point.ts';

const histogram: Lengths = { kind: 'histogram', edges: [10, 20, 40], counts: [3, 1] };

test('what is drawn has the mean and stays below the longest', () => {
  const kinds: Lengths[] = [
    { kind: 'fixed', tokens: 100 },
    { kind: 'uniform', from: 80, to: 100 },
    histogram,
  ];
  for (const lengths of kinds) {
    const stream = openStream(1, 'lengths');
    let sum = 0;
    for (let draw = 0; draw < 20_000; draw++) {
      const length = drawLength(lengths, stream);
      expect(Number.isInteger(length) && length >= 1 && length <= longest(lengths)).toBe(true);
      sum += length;
    }
    expect(sum / 20_000 / meanLength(lengths)).toBeCloseTo(1, 2);
  }
});

test('the mean of a histogram weighs the middles of its bins', () => {
  expect(meanLength(histogram)).toBe((3 * 15 + 30) / 4);
});

test('messages of a conversation have their mean, and many of them are shorter', () => {
  const lengths = conversationLengths(200);
  // Bins are even within.
  expect(meanLength(lengths) / 200).toBeCloseTo(1, 1);
  // An exponential that is cut off at four times its scale, which is 1 / (1 - 4 / (e⁴ - 1)) means.
  expect(longest(lengths)).toBeCloseTo((4 * 200) / (1 - 4 / (Math.E ** 4 - 1)), 6);
  const stream = openStream(1, 'lengths');
  const short = Array.from({ length: 5000 }, () => drawLength(lengths, stream) < 200);
  expect(short.filter(Boolean).length / 5000).toBeCloseTo(0.62, 1);
});
