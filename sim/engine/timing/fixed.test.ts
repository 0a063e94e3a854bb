import { expect, test } from 'vitest';
import { FixedTiming } from './fixed.ts';
import { onCurve, shapeOf } from './timing.fixture.ts';

test('each part of a pass has its constant, and none when it is absent', () => {
  const model = new FixedTiming(10, 2);
  expect(model.prefillMs(shapeOf([[1, 0]]))).toBe(10);
  expect(model.prefillMs(shapeOf([[9000, 5]], 3))).toBe(10);
  expect(model.prefillMs(shapeOf([], 3))).toBe(0);
  expect([model.decodeMs(0), model.decodeMs(1), onCurve(model, 7, 1e6)]).toEqual([0, 2, 2]);
});
