import { expect, test } from 'vitest';
import { judgeMemory } from './memory.ts';

const MB = 1024 * 1024;
/** 60 samples around 80 MB, uneven by up to 3 MB. */
const uneven = Array.from({ length: 60 }, (_, at) => 80 * MB + ((at * 7919) % 3) * MB);

test('memory that fills its caches and then only fluctuates is flat', () => {
  const filling = uneven.map((bytes, at) => bytes - Math.max(0, 20 - at) * 2 * MB);
  expect(judgeMemory(filling)).toMatchObject({ isFlat: true });
});

test('a leak of 200 kB between two samples is seen, odd samples or not', () => {
  const leaking = uneven.map((bytes, at) => bytes + 0.2 * MB * at);
  const odd = leaking.map((bytes, at) => (at === 45 ? bytes * 3 : bytes));
  for (const samples of [leaking, odd]) {
    const { isFlat, growth } = judgeMemory(samples);
    expect(isFlat).toBe(false);
    expect(growth! / MB).toBeCloseTo(0.2 * 29, 0);
  }
});

test('a few samples tell nothing', () => {
  expect(judgeMemory([1, 2e9, 3e9])).toEqual({ bytes: 3e9, growth: undefined, isFlat: true });
});
