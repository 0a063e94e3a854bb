import { expect, test } from 'vitest';
import { RampRate, SineRate, SteppedRate } from './rate-shape.ts';

test('a ramp from 0 to 10 in 10 s has brought 50 arrivals; then 10 a second come', () => {
  const ramp = new RampRate(0, 10, 10);
  // ∫ = t²/2: the 2nd arrival is expected after 2 s, the 50th after 10 s.
  expect([0, 2, 8, 50, 60].map((count) => ramp.timeS(count))).toEqual([0, 2, 4, 10, 11]);
});

test('a ramp down to 0 ends the traffic', () => {
  const ramp = new RampRate(10, 0, 10);
  expect(ramp.timeS(37.5)).toBeCloseTo(5, 12);
  expect(ramp.timeS(50)).toBe(10);
  expect(ramp.timeS(50.001)).toBe(Number.POSITIVE_INFINITY);
});

test('a flat ramp is a constant rate', () => {
  expect(new RampRate(4, 4, 10).timeS(6)).toBe(1.5);
});

test('a swing brings its mean in each period, more of it in the first half', () => {
  const sine = new SineRate(10, 10, 100);
  expect(sine.timeS(0)).toBeCloseTo(0, 12);
  expect(sine.timeS(2000)).toBeCloseTo(200, 9);
  // ∫ over half a period = 500 + 10 · 100/π.
  expect(sine.timeS(500 + 1000 / Math.PI)).toBeCloseTo(50, 9);
  expect(sine.timeS(3000 + 500 + 1000 / Math.PI)).toBeCloseTo(350, 9);
});

test('steps: a rate of 0 is passed over, and the last goes on', () => {
  const steps = new SteppedRate(Float64Array.of(0, 10, 20, 30), Float64Array.of(0, 2, 0, 5));
  expect([0, 10, 19.5, 20, 25].map((count) => steps.timeS(count))).toEqual([10, 15, 19.75, 30, 31]);
  expect([0, 10, 29.9, 1e6].map((atS) => steps.stepAt(atS))).toEqual([0, 1, 2, 3]);
});

test('a recording begins again after its last window', () => {
  const recorded = new SteppedRate(Float64Array.of(0, 10), Float64Array.of(2, 0), 20);
  expect([0, 19, 20, 39, 41].map((count) => recorded.timeS(count))).toEqual([
    0, 9.5, 20, 29.5, 40.5,
  ]);
  expect([5, 15, 25, 39].map((atS) => recorded.stepAt(atS))).toEqual([0, 1, 0, 1]);
});
