import { expect, test } from 'vitest';
import { NaivePool } from './naive-pool.ts';

function poolWith(capacity: number, request: number, hashes: number[]): NaivePool {
  const pool = new NaivePool(capacity, 16);
  pool.allocate(request, hashes.length);
  for (const [index, hash] of hashes.entries()) pool.commit(request, index, hash);
  return pool;
}

test('release walks backwards, so the leaf is evicted first', () => {
  const pool = poolWith(3, 1, [10, 11, 12]);
  pool.release(1);
  expect([pool.free, pool.inactive, pool.active]).toEqual([0, 3, 0]);
  expect(pool.allocate(2, 2)).toBe(true);
  expect(pool.residentHashes()).toEqual([10]);
  expect(pool.log).toEqual(['stored 10', 'stored 11', 'stored 12', 'removed 12', 'removed 11']);
});

test('an allocation that does not fit changes nothing', () => {
  const pool = poolWith(3, 1, [10, 11]);
  pool.release(1);
  pool.allocate(2, 1);
  expect(pool.allocate(3, 3)).toBe(false);
  expect([pool.free, pool.inactive, pool.active]).toEqual([0, 2, 1]);
  expect(pool.residentHashes()).toEqual([10, 11]);
});

test('a hit revives an inactive block', () => {
  const pool = poolWith(2, 1, [10, 11]);
  pool.release(1);
  expect(pool.matchPrefix([10, 12, 11])).toBe(1);
  pool.acquire(2, [10]);
  expect([pool.inactive, pool.active]).toEqual([1, 1]);
  expect(pool.allocate(3, 2)).toBe(false);
});

test('copies of one hash both take room; the name goes with the last', () => {
  const pool = poolWith(3, 1, [10]);
  pool.allocate(2, 1);
  pool.commit(2, 0, 10);
  pool.release(1);
  pool.release(2);
  pool.allocate(3, 2);
  expect(pool.log).toEqual(['stored 10']);
  expect(pool.matchPrefix([10])).toBe(1);
  pool.allocate(3, 1);
  expect(pool.log).toEqual(['stored 10', 'removed 10']);
});

test('private blocks are free at once', () => {
  const pool = new NaivePool(2, 16);
  pool.allocate(1, 2);
  pool.release(1);
  expect([pool.free, pool.inactive]).toEqual([2, 0]);
  expect(() => pool.commit(1, 0, 5)).toThrow('not private');
});
