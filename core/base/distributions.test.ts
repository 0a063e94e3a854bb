import { expect, test } from 'vitest';
import {
  drawGamma,
  drawWeibull,
  lnGamma,
  weibullCv,
  weibullScale,
  weibullShape,
} from './distributions.ts';
import { openStream, type RandomStream } from './random.ts';

const DRAWS = 40_000;

function sample(draw: (random: RandomStream) => number, name: string): number[] {
  const random = openStream(7, name);
  return Array.from({ length: DRAWS }, () => draw(random));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function cv(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2))) / centre;
}

test('ln Γ at the factorials, at a half and near 0', () => {
  expect(lnGamma(1)).toBeCloseTo(0, 13);
  expect(lnGamma(5)).toBeCloseTo(Math.log(24), 12);
  expect(lnGamma(21)).toBeCloseTo(Math.log(2_432_902_008_176_640_000), 11);
  expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
  // Γ(x + 1) = x Γ(x).
  expect(lnGamma(1.1) - lnGamma(0.1)).toBeCloseTo(Math.log(0.1), 12);
});

test.each([0.25, 1, 4])('a gamma of shape %d has mean 1 and CV 1/√shape', (shape) => {
  const values = sample((random) => drawGamma(shape, random), `gamma ${shape}`);
  expect(mean(values)).toBeCloseTo(1, 1);
  expect(cv(values) * Math.sqrt(shape)).toBeGreaterThan(0.95);
  expect(cv(values) * Math.sqrt(shape)).toBeLessThan(1.05);
});

test.each([0.5, 1, 3])('a Weibull with CV %d has it, and the mean 1', (wanted) => {
  const shape = weibullShape(wanted);
  const scale = weibullScale(shape);
  const values = sample((random) => drawWeibull(shape, scale, random), `weibull ${wanted}`);
  expect(mean(values)).toBeCloseTo(1, 1);
  expect(cv(values) / wanted).toBeGreaterThan(0.9);
  expect(cv(values) / wanted).toBeLessThan(1.1);
});

test('a Weibull of shape 1 is the exponential, of shape 2 the Rayleigh', () => {
  expect(weibullCv(1)).toBeCloseTo(1, 12);
  expect(weibullCv(2)).toBeCloseTo(Math.sqrt(4 / Math.PI - 1), 12);
  expect(weibullScale(2)).toBeCloseTo(2 / Math.sqrt(Math.PI), 12);
  for (const wanted of [0.01, 0.3, 1, 2.5, 100]) {
    expect(weibullCv(weibullShape(wanted)) / wanted).toBeCloseTo(1, 9);
  }
  expect(drawWeibull(1, 1, openStream(1, 'w'))).toBe(openStream(1, 'w').nextExponential());
});
