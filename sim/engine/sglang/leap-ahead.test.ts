import { expect, test } from 'vitest';
import { type Asked, at, flyWith } from './sglang.fixture.ts';

function expectLeap(rows: readonly Asked[], engine: Record<string, unknown>): number {
  const exact = flyWith('exact', rows, engine);
  const leap = flyWith('leap', rows, engine);
  expect(leap.fates).toEqual(exact.fates);
  return exact.events - leap.events;
}

test('a long decode is one leap', () => {
  expect(expectLeap([at(0, 8, 100)], {})).toBeGreaterThan(90);
});

test('a leap ends where the first in line may find room', () => {
  const rows = [at(0, 12, 40), at(0, 8, 20)];
  expect(expectLeap(rows, { num_gpu_blocks: 14 })).toBeGreaterThan(10);
});

test('a leap goes on while nobody who waits under lpm could be another, which a block that is evicted ends', () => {
  const rows = [
    at(0, 12, 60, [1, 2, 3]),
    at(0, 8, 40, [4, 5]),
    at(3, 12, 30, [6, 7, 8]),
    at(3, 12, 4, [1, 2, 9]),
  ];
  const tight = { num_gpu_blocks: 18, schedule_policy: 'lpm' };
  expect(expectLeap(rows, tight)).toBeGreaterThan(30);
});

test('a leap ends after the passes that the interval holds prompts back for', () => {
  const rows = [at(0, 8, 60), at(3, 8, 2)];
  expect(expectLeap(rows, { prefill_decode_interval: 20 })).toBeGreaterThan(40);
});
