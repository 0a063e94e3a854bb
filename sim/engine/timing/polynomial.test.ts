import { expect, test } from 'vitest';
import { PolynomialTiming } from './polynomial.ts';
import { onCurve, plain, shapeOf } from './timing.fixture.ts';

const POOL = 10_000;
const model = new PolynomialTiming(POOL, plain);

test.each([
  [1, 16.516604],
  [100, 18.023974],
  [512, 24.385704],
  [1024, 32.490712],
  [2048, 49.362902],
  [4096, 85.75598],
  [8192, 169.136918],
])('%i new tokens take %f ms', (tokens, ms) => {
  expect(model.prefillMs(shapeOf([[tokens, 300]]))).toBeCloseTo(ms, 6);
});

test.each([
  [0, 5.74],
  [0.01, 6.277526],
  [0.1, 10.8836],
  [0.25, 17.63375],
  [0.5, 26.31],
  [0.75, 31.76875],
  [1, 34.01],
  [1.5, 34.01],
])('decode with a share of %f of the pool takes %f ms, on the curve too', (share, ms) => {
  expect(model.decodeMs(3, share * POOL)).toBeCloseTo(ms, 6);
  expect(onCurve(model, 3, share * POOL)).toBeCloseTo(ms, 6);
});

test('nothing to do takes no time', () => {
  expect([model.prefillMs(shapeOf([])), model.decodeMs(0, 0)]).toEqual([0, 0]);
});

test('new tokens count exactly; with floored means a batch may gain a token', () => {
  const batch = shapeOf([
    [2, 640],
    [300, 0],
    [300, 0],
  ]);
  const exact = model.prefillMs(shapeOf([[602, 0]]));
  expect(model.prefillMs(batch)).toBe(exact);
  // ⌊1242 / 3⌋ − ⌊640 / 3⌋ = 414 − 213 = 201 tokens each.
  const floored = new PolynomialTiming(POOL, { ...plain, flooredPrefillMeans: true });
  expect(floored.prefillMs(batch)).toBe(model.prefillMs(shapeOf([[603, 0]])));
});
