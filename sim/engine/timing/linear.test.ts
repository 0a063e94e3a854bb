import { expect, test } from 'vitest';
import { LinearTiming } from './linear.ts';
import { onCurve, shapeOf } from './timing.fixture.ts';

const model = new LinearTiming({
  baseMs: 4,
  perPrefillTokenMs: 0.5,
  perPrefillContextTokenMs: 0.25,
  perDecodeRequestMs: 2,
  perDecodeContextTokenMs: 0.125,
});

test('a pass pays the base once, whatever it mixes', () => {
  const prompts = [
    [10, 0],
    [6, 8],
  ] as const;
  // 4 + 16 · 0.5 + 8 · 0.25
  expect(model.prefillMs(shapeOf(prompts))).toBe(14);
  expect(model.prefillMs(shapeOf(prompts, 3))).toBe(10);
  // 4 + 3 · 2 + 80 · 0.125
  expect(model.decodeMs(3, 80)).toBe(20);
  expect(onCurve(model, 3, 80)).toBe(20);
});

test('nothing to do takes no time', () => {
  expect([model.prefillMs(shapeOf([], 2)), model.decodeMs(0, 0)]).toEqual([0, 0]);
});
