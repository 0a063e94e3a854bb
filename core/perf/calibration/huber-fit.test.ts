import fc from 'fast-check';
import { expect, test } from 'vitest';
import { huberFit } from './huber-fit.ts';

const x = Float64Array.from({ length: 40 }, (_, row) => row + 1);
const line = ([base, slope]: readonly number[]) => x.map((at) => base! + slope! * at);
const unknowns = [
  { prior: 0, spread: 10, least: 0 },
  { prior: 1, spread: 10, least: 0 },
];

test('a line without noise is found', () => {
  const { values } = huberFit(line, line([5, 2]), unknowns);
  expect(values[0]).toBeCloseTo(5, 3);
  expect(values[1]).toBeCloseTo(2, 3);
});

test('observations ten times too slow pull no harder than others', () => {
  const observed = line([5, 2]).map((ms, row) => (row % 8 === 0 ? ms * 10 : ms));
  const { values } = huberFit(line, observed, unknowns);
  expect(values[0]).toBeCloseTo(5, 1);
  expect(values[1]).toBeCloseTo(2, 1);
});

test('what observations do not tell stays at its prior, as unsure as before', () => {
  const constant = ([value]: readonly number[]) => Float64Array.from({ length: 20 }, () => value!);
  const { values, deviations } = huberFit(constant, constant([7]), [
    { prior: 1, spread: 10, least: 0 },
    { prior: 3, spread: 2, least: 0 },
  ]);
  expect(values[0]).toBeCloseTo(7, 3);
  expect(values[1]).toBe(3);
  expect(deviations[1]).toBeCloseTo(2, 9);
});

test('a floor holds', () => {
  const { values } = huberFit(
    line,
    line([0, 2]).map((ms) => ms - 1),
    unknowns,
  );
  expect(values[0]).toBeGreaterThanOrEqual(0);
});

test('any line is found again, whatever it is', () => {
  const positive = fc.double({ min: 0.1, max: 50, noNaN: true });
  fc.assert(
    fc.property(positive, positive, (base, slope) => {
      const { values } = huberFit(line, line([base, slope]), unknowns);
      expect(values[0]! / base).toBeCloseTo(1, 1);
      expect(values[1]! / slope).toBeCloseTo(1, 1);
    }),
  );
});

test('slopes over a larger share of a spread see through steps', () => {
  const unknown = { prior: 1, spread: 4, least: 0 };
  // 10 + x in steps of a quarter: flat wherever one looks closely.
  const stairs = ([x = 0]: readonly number[]) =>
    Float64Array.from({ length: 20 }, () => 10 + Math.floor(4 * x) / 4);
  const observed = new Float64Array(20).fill(13);
  const fitted = (slopeShare: number) => huberFit(stairs, observed, [unknown], { slopeShare });
  expect(fitted(1e-4).values[0]).toBeCloseTo(1, 6);
  expect(fitted(0.5).values[0]).toBeGreaterThan(2.75);
  expect(fitted(0.5).values[0]).toBeLessThan(3.25);
});
