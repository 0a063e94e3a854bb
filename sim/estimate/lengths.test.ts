import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { drawLength, longest, meanLength } from './lengths.ts';
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
