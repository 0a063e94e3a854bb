import { expect, test } from 'vitest';
import { openStream } from './random.ts';

const DRAWS = 20_000;

function draw(count: number, next: () => number): readonly number[] {
  return Array.from({ length: count }, () => next());
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's correlation of two series of equal length. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, index) => (value - meanA) * (b[index]! - meanB)));
  const variance = (values: readonly number[], centre: number): number =>
    mean(values.map((value) => (value - centre) ** 2));
  return covariance / Math.sqrt(variance(a, meanA) * variance(b, meanB));
}

test('the first numbers of a stream are frozen: they are part of every stored report', () => {
  const stream = openStream(42, 'router/ties');
  expect(draw(4, () => stream.nextInt32())).toMatchInlineSnapshot(`
    [
      1127590639,
      2111403277,
      1900828881,
      -8525409,
    ]
  `);
  expect(openStream(42, 'workload/arrivals').nextFloat()).toMatchInlineSnapshot(
    `0.5545555723968322`,
  );
  expect(openStream(42, 'workload/arrivals').nextExponential()).toMatchInlineSnapshot(
    `0.808682781483655`,
  );
  expect(openStream(42, 'workload/arrivals').nextNormal()).toMatchInlineSnapshot(
    `0.46966044555219494`,
  );
});

test('the same seed and name give the same numbers, another seed or name gives others', () => {
  const first = (seed: number, name: string): number => openStream(seed, name).nextFloat();
  expect(first(7, 'a')).toBe(first(7, 'a'));
  expect(first(7, 'a')).not.toBe(first(7, 'b'));
  expect(first(7, 'a')).not.toBe(first(8, 'a'));
  expect(first(7, 'a')).not.toBe(first(7 + 2 ** 32, 'a'));
  expect(first(-1, 'a')).not.toBe(first(1, 'a'));
  expect(() => openStream(0.5, 'a')).toThrow('seed must be an integer');
});

test.each([
  ['neighbouring seeds', [1, 'arrivals'], [2, 'arrivals']],
  ['neighbouring names', [1, 'worker/1'], [1, 'worker/2']],
] as const)('streams of %s are not correlated, in step or one step apart', (_, one, other) => {
  const a = openStream(one[0], one[1]);
  const b = openStream(other[0], other[1]);
  const drawsA = draw(DRAWS, () => a.nextFloat());
  const drawsB = draw(DRAWS, () => b.nextFloat());
  // Five standard errors of an empirical correlation of independent series.
  const limit = 5 / Math.sqrt(DRAWS);
  expect(Math.abs(correlation(drawsA, drawsB))).toBeLessThan(limit);
  expect(Math.abs(correlation(drawsA.slice(1), drawsB.slice(0, -1)))).toBeLessThan(limit);
});

test('the first draws of a thousand seeds fill the unit interval evenly', () => {
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 1_000; seed++) {
    counts[Math.floor(openStream(seed, 'ties').nextFloat() * 10)]!++;
  }
  // χ² with 9 degrees of freedom exceeds 33.7 once in ten thousand.
  expect(counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(33.7);
});

test('nextFloat stays in [0, 1) and nextBelow is uniform below its bound', () => {
  const stream = openStream(3, 'uniform');
  const floats = draw(DRAWS, () => stream.nextFloat());
  expect(Math.min(...floats)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...floats)).toBeLessThan(1);
  expect(Math.abs(mean(floats) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / DRAWS));
  const counts = new Array<number>(7).fill(0);
  for (let index = 0; index < 7_000; index++) counts[stream.nextBelow(7)]!++;
  // χ² with 6 degrees of freedom exceeds 27.9 once in ten thousand.
  expect(counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(27.9);
  expect(stream.nextBelow(1)).toBe(0);
  expect(stream.nextBelow(2 ** 32)).toBeLessThan(2 ** 32);
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1]) {
    expect(() => stream.nextBelow(bound)).toThrow('a bound is');
  }
});

test('exponentials have mean and deviation 1, normals mean 0 and deviation 1', () => {
  const stream = openStream(5, 'moments');
  const exponentials = draw(DRAWS, () => stream.nextExponential());
  const normals = draw(DRAWS, () => stream.nextNormal());
  const limit = 5 / Math.sqrt(DRAWS);
  expect(Math.min(...exponentials)).toBeGreaterThanOrEqual(0);
  expect(Math.abs(mean(exponentials) - 1)).toBeLessThan(limit);
  expect(Math.abs(mean(exponentials.map((value) => value * value)) - 2)).toBeLessThan(5 * limit);
  expect(Math.abs(mean(normals))).toBeLessThan(limit);
  expect(Math.abs(mean(normals.map((value) => value * value)) - 1)).toBeLessThan(2 * limit);
});
