import { expect, test } from 'vitest';
import { FixedTiming } from './fixed.ts';
import { PolynomialTiming } from './polynomial.ts';
import { ScaledTiming } from './scaled.ts';
import { onCurve, plain, shapeOf } from './timing.fixture.ts';

const prompt = shapeOf([[8, 0]]);

test.each([
  [3, 1, 4, 4],
  [2, 3, 6, 2],
])('12 ms with speedup %i and decode speedup %i: %f and %f ms', (speedup, decode, first, rest) => {
  const model = new ScaledTiming(new FixedTiming(12, 12), speedup, decode, false);
  expect([model.prefillMs(prompt), model.decodeMs(1, 50)]).toEqual([first, rest]);
  expect(onCurve(model, 1, 50)).toBe(rest);
});

test('all pieces of a curve are scaled', () => {
  const bare = new PolynomialTiming(100, plain);
  const model = new ScaledTiming(bare, 2, 2, false);
  for (const context of [0, 40, 100, 130]) {
    expect(onCurve(model, 2, context)).toBeCloseTo(bare.decodeMs(2, context) / 4, 12);
  }
});

test('what is scaled may be rounded to whole nanoseconds first', () => {
  const bare = new FixedTiming(1e-6 * 7.6, 1e-6 * 6.4);
  const model = new ScaledTiming(bare, 2, 1, true);
  expect(model.prefillMs(prompt)).toBeCloseTo(4e-6, 15);
  expect(model.decodeMs(1, 1)).toBeCloseTo(3e-6, 15);
});
