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

test('a leap ends after the passes that the interval holds prompts back for', () => {
  const rows = [at(0, 8, 60), at(3, 8, 2)];
  expect(expectLeap(rows, { prefill_decode_interval: 20 })).toBeGreaterThan(40);
});
