import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrequencySketch } from './frequency-sketch.ts';

test('counts up to 15', () => {
  const sketch = new FrequencySketch(64);
  expect(sketch.frequency(5)).toBe(0);
  for (let touch = 0; touch < 20; touch++) sketch.touch(5);
  expect(sketch.frequency(5)).toBe(15);
});

test('halves after ten times its capacity', () => {
  const sketch = new FrequencySketch(4);
  for (let touch = 0; touch < 39; touch++) sketch.touch(5);
  expect(sketch.frequency(5)).toBe(15);
  sketch.touch(5);
  expect(sketch.frequency(5)).toBe(7);
});

test('never estimates below the true count', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 600, size: 'max' }), (touches) => {
      const sketch = new FrequencySketch(64);
      const counts = new Map<number, number>();
      for (const hash of touches) {
        sketch.touch(hash);
        counts.set(hash, (counts.get(hash) ?? 0) + 1);
      }
      for (const [hash, count] of counts) {
        expect(sketch.frequency(hash)).toBeGreaterThanOrEqual(Math.min(15, count));
      }
    }),
    { seed: 5, numRuns: 100 },
  );
});
