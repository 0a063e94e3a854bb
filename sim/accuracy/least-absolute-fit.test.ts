import { expect, test } from 'vitest';
import { type Equation, fitLeastAbsolute } from './least-absolute-fit.ts';

const priors = [
  { value: 0, spread: 1 },
  { value: 0, spread: 1 },
];

function line(from: number, slope: number, count: number): Equation[] {
  return Array.from({ length: count }, (_, x) => {
    const target = from + slope * x;
    return { features: [1, x], target, scale: target };
  });
}

test('a line without errors is found', () => {
  const [from, slope] = fitLeastAbsolute(line(2, 0.5, 200), priors);
  expect(from).toBeCloseTo(2, 1);
  expect(slope).toBeCloseTo(0.5, 2);
});

test('a fifth of wild points moves a line hardly', () => {
  const points = line(2, 0.5, 200).map((point, index) =>
    index % 5 === 0 ? { ...point, target: 10 * point.target, scale: 10 * point.scale } : point,
  );
  const [from, slope] = fitLeastAbsolute(points, priors);
  expect(from).toBeCloseTo(2, 1);
  expect(slope).toBeCloseTo(0.5, 1);
});

test('without equations the priors stand, and no constant is negative', () => {
  expect(fitLeastAbsolute([], [{ value: 0.3, spread: 1 }])).toEqual([0.3]);
  const falling = [0, 1, 2].map((x) => ({ features: [x + 1], target: -1, scale: 1 }));
  expect(fitLeastAbsolute(falling, [{ value: 0.3, spread: 1 }])).toEqual([0]);
});
