import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { drawGeometric, drawLognormal, drawZipf } from './sampling.ts';

const DRAWS = 40_000;

function sample(draw: (random: ReturnType<typeof openStream>) => number, name: string): number[] {
  const random = openStream(7, name);
  return Array.from({ length: DRAWS }, () => draw(random));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('a geometric count has its mean and is never below 1', () => {
  const values = sample((random) => drawGeometric(5, random), 'geometric');
  expect(mean(values)).toBeCloseTo(5, 0);
  expect(Math.min(...values)).toBe(1);
  expect(drawGeometric(1, openStream(1, 'one'))).toBe(1);
});

test('a lognormal has its median and keeps to its range', () => {
  const shape = { median: 200, sigma: 1, min: 50, max: 900 };
  const values = sample((random) => drawLognormal(shape, random), 'lognormal').sort(
    (a, b) => a - b,
  );
  expect(Math.abs(values[DRAWS / 2]! - 200)).toBeLessThan(8);
  expect([values[0], values.at(-1)]).toEqual([50, 900]);
});

test('Zipf: the second is half as popular as the first', () => {
  const values = sample((random) => drawZipf(4, random), 'zipf');
  const shares = [0, 1, 2, 3].map((index) => values.filter((value) => value === index).length);
  expect(shares[0]! / shares[1]!).toBeCloseTo(2, 0);
  expect(shares.reduce((sum, share) => sum + share)).toBe(DRAWS);
});
