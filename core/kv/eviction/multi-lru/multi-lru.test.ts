import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { MultiLruEviction } from './multi-lru.ts';

function touchTimes(policy: MultiLruEviction, hash: number, times: number): void {
  for (let touch = 0; touch < times; touch++) policy.touch(hash);
}

test('victims come from the lowest level that has one, LRU inside it', () => {
  const policy = new MultiLruEviction({ blocks: 8, sketchCapacity: 1024 });
  for (const [hash, times] of [
    [0, 15],
    [1, 8],
    [2, 3],
    [3, 2],
    [4, 0],
    [5, 14],
  ] as const) {
    touchTimes(policy, hash, times);
    policy.insert(hash, hash);
  }
  const victims = Array.from({ length: 6 }, () => policy.nextVictim());
  expect(victims).toEqual([3, 4, 2, 1, 5, 0]);
  expect(() => policy.nextVictim()).toThrow('empty');
});

test('the level is drawn at insertion and not revised', () => {
  const policy = new MultiLruEviction({ blocks: 2, thresholds: [1, 2, 3], sketchCapacity: 64 });
  policy.insert(0, 0);
  touchTimes(policy, 1, 1);
  policy.insert(1, 1);
  touchTimes(policy, 0, 3);
  policy.remove(1);
  policy.insert(1, 1);
  expect([policy.nextVictim(), policy.size]).toEqual([0, 1]);
});

test('thresholds must ascend and end at 15', () => {
  for (const thresholds of [
    [3, 3, 5],
    [0, 1, 2],
    [3, 8, 16],
  ] as const) {
    expect(() => new MultiLruEviction({ blocks: 1, thresholds })).toThrow(InputError);
  }
});
