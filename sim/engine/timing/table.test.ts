import { expect, test } from 'vitest';
import { TableTiming } from './table.ts';
import { onCurve, shapeOf } from './timing.fixture.ts';

const model = new TableTiming(
  [
    [100, 10],
    [200, 30],
  ],
  [
    [10, 2],
    [20, 4],
    [40, 5],
  ],
);

test.each([
  [1, 10],
  [100, 10],
  [150, 20],
  [200, 30],
  [300, 50],
])('%i new tokens take %f ms', (tokens, ms) => {
  expect(model.prefillMs(shapeOf([[tokens, 7]]))).toBe(ms);
});

test.each([
  [0, 2],
  [10, 2],
  [15, 3],
  [20, 4],
  [30, 4.5],
  [40, 5],
  [80, 7],
])('a context of %i tokens takes %f ms, on the curve too', (context, ms) => {
  expect(model.decodeMs(4, context)).toBe(ms);
  expect(onCurve(model, 4, context)).toBeCloseTo(ms, 12);
});

test('nothing to do takes no time, and one point is no table', () => {
  expect([model.prefillMs(shapeOf([])), model.decodeMs(0, 50)]).toEqual([0, 0]);
  expect(() => new TableTiming([[1, 1]], [[1, 1]])).toThrow('two points');
});
