import { expect, test } from 'vitest';
import { QuantileSketch } from '#core/base/sketch.ts';
import { FixedTiming } from '../timing/fixed.ts';
import { LinearTiming } from '../timing/linear.ts';
import { PassTime } from '../timing/pass-time.ts';
import { shapeOf } from '../timing/timing.fixture.ts';
import { SteppedRun } from './stepped-run.ts';

test('the prefix grows by a chunk a pass, each context by a token', () => {
  const model = new LinearTiming({
    baseMs: 1,
    perPrefillTokenMs: 0.5,
    perPrefillContextTokenMs: 0.25,
    perDecodeRequestMs: 0,
    perDecodeContextTokenMs: 0.125,
  });
  const first = shapeOf([[8, 16]], 2);
  first.decodeContextTokens = 40;
  const run = new SteppedRun();
  run.prepare(new PassTime(model), [first], 3);
  // Pass i: 4 + (16 + 8i) / 4 for the prompt, 1 + (40 + 2i) / 8 for the two that decode.
  expect([1, 2, 3].map((passes) => run.spanNs(passes))).toEqual([14e6, 30.25e6, 48.75e6]);
  const gaps = new QuantileSketch();
  run.addGaps(2, gaps);
  expect([gaps.count, gaps.sum, gaps.min, gaps.max]).toEqual([4, 60.5e6, 14e6, 16.25e6]);
  expect([13e6, 14e6, 30e6, 90e6].map((room) => run.passesWithin(room, 3))).toEqual([0, 1, 1, 3]);
});

test('more passes than the column had rows', () => {
  const run = new SteppedRun();
  run.prepare(new PassTime(new FixedTiming(3, 2)), [shapeOf([[8, 0]], 0)], 200);
  expect(run.spanNs(200)).toBe(600e6);
});

test('a pass of several ranks lasts as long as the slowest, whichever that is', () => {
  const model = new LinearTiming({
    baseMs: 0,
    perPrefillTokenMs: 0,
    perPrefillContextTokenMs: 0,
    perDecodeRequestMs: 2,
    perDecodeContextTokenMs: 0.5,
  });
  const few = shapeOf([], 1);
  few.decodeContextTokens = 11;
  const many = shapeOf([], 3);
  many.decodeContextTokens = 1;
  const run = new SteppedRun();
  run.prepare(new PassTime(model), [few, many], 4);
  // 7.5, 8, 8.5, 9 ms on the one; 6.5, 8, 9.5, 11 ms on the other.
  expect([1, 2, 3, 4].map((passes) => run.spanNs(passes))).toEqual([7.5e6, 15.5e6, 25e6, 36e6]);
  const gaps = new QuantileSketch();
  run.addGaps(1, gaps);
  expect([gaps.count, gaps.sum]).toEqual([4, 30e6]);
});
