import { expect, test } from 'vitest';
import { gammaBelow, meanOfLargest } from './largest-gamma.ts';

test('a gamma of shape 1 is exponential, and one of shape 2 the sum of two', () => {
  for (const x of [0.1, 1, 2, 5, 20]) {
    expect(gammaBelow(1, x)).toBeCloseTo(1 - Math.exp(-x), 12);
    expect(gammaBelow(2, x)).toBeCloseTo(1 - (1 + x) * Math.exp(-x), 12);
  }
  expect(gammaBelow(3, 0)).toBe(0);
});

test('the largest of n exponentials expects 1 + 1/2 + … + 1/n', () => {
  for (const n of [1, 2, 8, 256]) {
    const sum = Array.from({ length: n }, (_, index) => 1 / (index + 1)).reduce((a, b) => a + b);
    expect(meanOfLargest(n, 1)).toBeCloseTo(sum, 6);
  }
});

test('the larger of two squares of normals, which are gammas of shape 1/2, expects 1/2 + 1/π', () => {
  expect(meanOfLargest(2, 0.5)).toBeCloseTo(0.5 + 1 / Math.PI, 4);
});

test('of variables that hardly vary the largest is like any', () => {
  expect(meanOfLargest(8, 1e6) / 1e6).toBeCloseTo(1, 2);
});
