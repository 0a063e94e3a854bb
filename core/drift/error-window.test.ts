import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorWindow } from './error-window.ts';

test('errors are relative to what came, with and without their signs', () => {
  const window = new ErrorWindow(10);
  expect(window.summary()).toBeUndefined();
  for (const [predicted, came] of [
    [50, 100],
    [100, 100],
    [300, 100],
    [1, 0],
  ]) {
    window.add(predicted!, came!);
  }
  // −0.5, 0 and 2; the last took no time, and is none of them.
  expect(window.summary()).toEqual({
    count: 3,
    mean: 0.5,
    p50: 0,
    p90: 2,
    absolute: { mean: 2.5 / 3, p50: 0.5, p90: 2 },
  });
});

test('only the last errors count, whatever came before', () => {
  const value = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  const pairs = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), pairs, (length, all) => {
      const window = new ErrorWindow(length);
      for (const [predicted, came] of all) window.add(predicted, came);
      const errors = all.slice(-length).map(([predicted, came]) => (predicted - came) / came);
      const sorted = errors.map(Math.abs).sort((a, b) => a - b);
      const found = window.summary()!;
      expect(found.count).toBe(errors.length);
      expect(found.mean).toBeCloseTo(errors.reduce((a, b) => a + b) / errors.length, 6);
      expect(found.absolute.p90).toBe(sorted[Math.ceil(0.9 * sorted.length) - 1]);
    }),
  );
});
