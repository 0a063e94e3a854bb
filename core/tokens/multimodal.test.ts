import { expect, test } from 'vitest';
import {
  canonicalizeRanges,
  canonicalizeRuns,
  multimodalHashesByBlock,
  padValue,
} from './multimodal.ts';

test('objects are split over the blocks they overlap, each named once', () => {
  const objects = [
    {
      hash: 7n,
      ranges: [
        [3, 5],
        [6, 7],
      ],
    },
    {
      hash: 9n,
      ranges: [
        [7, 8],
        [12, 99],
      ],
    },
  ] as const;
  expect(multimodalHashesByBlock(objects, 14, 4)).toEqual([[7n], [7n, 9n], undefined, [9n]]);
});

test('pad values keep the low 30 bits', () => {
  expect(padValue(42n)).toBe(1_000_042);
  expect(padValue((1n << 30n) + 5n)).toBe(1_000_005);
});

test('image tokens become the pad value of their object', () => {
  const tokens = [1, 9, 9, 2, 9, 3, 9];
  expect(Array.from(canonicalizeRuns(tokens, 9, [4n, 6n]))).toEqual([
    1, 1_000_004, 1_000_004, 2, 1_000_006, 3, 1_000_006,
  ]);
  expect(Array.from(canonicalizeRuns(tokens, 9, []))).toEqual(tokens);
  const objects = [{ hash: 4n, ranges: [[1, 3]] }] as const;
  expect(Array.from(canonicalizeRanges(tokens, objects))).toEqual([
    1, 1_000_004, 1_000_004, 2, 9, 3, 9,
  ]);
});
