import { expect, test } from 'vitest';
import { FirstShapes } from './first-shapes.ts';
import { FixedTiming } from './fixed.ts';
import { shapeOf } from './timing.fixture.ts';

test('the first pass of so many tokens takes longer, the next of as many does not', () => {
  const timing = new FirstShapes(new FixedTiming(10, 5), 0.05);
  expect(timing.prefillMs(shapeOf([[96, 0]], 4))).toBe(15);
  expect(timing.prefillMs(shapeOf([[96, 0]], 4))).toBe(10);
  expect(
    timing.prefillMs(
      shapeOf([
        [50, 0],
        [50, 0],
      ]),
    ),
  ).toBe(10);
  expect(timing.prefillMs(shapeOf([[200, 0]]))).toBe(20);
});

test('decoding alone is as it was', () => {
  const timing = new FirstShapes(new FixedTiming(10, 5), 0.05);
  expect([timing.prefillMs(shapeOf([], 4)), timing.decodeMs(4, 400)]).toEqual([0, 5]);
});
