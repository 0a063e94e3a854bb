import { expect, test } from 'vitest';
import { batchWaitMs } from './batch-wait.ts';

test('alone, a prompt waits for all passes; with others, for fewer', () => {
  expect(batchWaitMs(20, 0, 12)).toBe(240);
  // A prompt every second pass: ten join the first, which waits 20 passes, and wait ten on average.
  expect(batchWaitMs(20, 0.5, 12)).toBeCloseTo((12 * (20 + 10 * 10)) / 11, 9);
  expect(batchWaitMs(0, 0.5, 12)).toBe(0);
});
