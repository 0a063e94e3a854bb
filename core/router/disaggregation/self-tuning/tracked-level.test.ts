import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import '#test/property-seed.ts';
import { TrackedLevel } from './tracked-level.ts';

const MOST = 4096;
const measured = fc.double({ min: 0, max: 10_000, noNaN: true });

function followed(measurements: readonly number[]): TrackedLevel {
  const level = new TrackedLevel(MOST);
  for (const one of measurements) level.follow(one);
  return level;
}

test('it goes half of the way in logarithms, and no further than a factor of 2', () => {
  const level = new TrackedLevel(MOST);
  level.follow(2.25);
  expect(level.value).toBeCloseTo(1.5, 12);
  level.follow(100);
  expect(level.value).toBeCloseTo(3, 12);
});

test('an error inside the outer band does not wake it, and one inside the inner band lets it rest', () => {
  expect(followed([1.19]).value).toBe(1);
  const woken = followed([1.44]);
  expect(woken.value).toBeCloseTo(1.2, 12);
  // Off by a factor of 1.1: it moves on, though this would not have woken it.
  woken.follow(1.32);
  expect(woken.value).toBeCloseTo(Math.sqrt(1.2 * 1.32), 12);
  const { value } = woken;
  woken.follow(value * 1.04);
  expect(woken.value).toBe(value);
});

test('it never leaves its bounds, whatever is measured', () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 60 }), (measurements) => {
      const { value } = followed(measurements);
      expect(value).toBeGreaterThanOrEqual(1);
      expect(value).toBeLessThanOrEqual(MOST);
    }),
  );
});

test('a measurement that stays is reached from one side, and then nothing moves', () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 20 }), measured, (before, stays) => {
      const level = followed(before);
      const target = Math.min(MOST, Math.max(1, stays));
      const side = Math.sign(target - level.value);
      for (let move = 0; move < 40; move++) {
        level.follow(stays);
        expect(Math.sign(target - level.value) * side).toBeGreaterThanOrEqual(0);
      }
      const settled = level.value;
      expect(Math.abs(Math.log(target / settled))).toBeLessThanOrEqual(Math.log(1.2) + 1e-9);
      level.follow(stays);
      expect(level.value).toBe(settled);
    }),
  );
});

test('it settles too where what is measured answers to it, as long as the elasticity is below 3', () => {
  const elasticity = fc.double({ min: 0, max: 2.9, noNaN: true });
  const load = fc.double({ min: 1, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(elasticity, load, measured, (answer, scale, start) => {
      const level = followed([start, start, start]);
      for (let move = 0; move < 400; move++) level.follow(scale * level.value ** -answer);
      const settled = level.value;
      for (let move = 0; move < 10; move++) level.follow(scale * level.value ** -answer);
      expect(level.value).toBe(settled);
    }),
  );
});

test('a greater measurement never leads to a lesser level', () => {
  const pairs = fc.array(fc.tuple(measured, fc.double({ min: 1, max: 3, noNaN: true })), {
    maxLength: 1,
  });
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 20 }), pairs, (before, next) => {
      const lesser = followed([...before, ...next.map(([value]) => value)]);
      const greater = followed([...before, ...next.map(([value, times]) => value * times)]);
      expect(greater.value).toBeGreaterThanOrEqual(lesser.value);
    }),
  );
});
