import { expect, test } from 'vitest';
import { drawSoftmax } from './softmax.ts';

/** The share of each index over evenly spaced draws. */
function shares(costs: readonly number[], temperature: number): number[] {
  const draws = 10_000;
  const counts = costs.map(() => 0);
  const scratch = new Float64Array(costs.length);
  for (let draw = 0; draw < draws; draw++) {
    const uniform = (draw + 0.5) / draws;
    const index = drawSoftmax(
      Float64Array.from(costs),
      costs.length,
      temperature,
      uniform,
      scratch,
    );
    counts[index]! += 1;
  }
  return counts.map((count) => count / draws);
}

test('costs are normalised to 0…1 before the exponential', () => {
  const total = 1 + Math.exp(-1) + Math.exp(-2);
  const expected = [1, Math.exp(-1), Math.exp(-2)].map((weight) => weight / total);
  for (const scale of [1, 1000]) {
    const got = shares([10, 10 + scale, 10 + 2 * scale], 0.5);
    for (const [index, share] of got.entries()) expect(share).toBeCloseTo(expected[index]!, 3);
  }
});

test('equal costs are drawn evenly; no temperature to speak of takes the least, much is uniform', () => {
  expect(shares([7, 7, 7, 7], 0.5)).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(shares([3, 1, 2], 1e-6)).toEqual([0, 1, 0]);
  for (const share of shares([3, 1, 2, 9], 1e6)) expect(share).toBeCloseTo(0.25, 3);
});

test('a span beyond the largest double is halved', () => {
  const [first, second] = shares([-1.7e308, 1.7e308], 1);
  expect(first).toBeCloseTo(1 / (1 + Math.exp(-1)), 3);
  expect(second).toBeCloseTo(1 - 1 / (1 + Math.exp(-1)), 3);
});

test('the last index takes what rounding leaves over', () => {
  expect(drawSoftmax(Float64Array.of(1, 1, 1), 3, 1, 1 - 2 ** -53, new Float64Array(3))).toBe(2);
});
