import { expect, test } from 'vitest';
import { PromptPath } from '../prompt-path.ts';
import { TierCode, type TierHits, TierIndex } from './tier-index.ts';

/** A prompt of 4 blocks of node 0, then 3 of node 1, then 2 of node 2. */
function bench() {
  const path = new PromptPath();
  path.push(0, 4);
  path.push(1, 3);
  path.push(2, 2);
  const index = new TierIndex();
  const hits: TierHits = { host: 0, disk: 0, shared: 0 };
  const match = (target: number, deviceBlocks: number): number[] => {
    index.match(path, target, deviceBlocks, hits);
    return [hits.host, hits.disk, hits.shared];
  };
  return { index, match };
}

const { host, disk, external, shared } = TierCode;

test('each tier goes on where the one before has ended; disk and external count together', () => {
  const { index, match } = bench();
  index.stored(host, 5, 0, 2, 4);
  index.stored(host, 5, 1, 0, 1);
  index.stored(disk, 5, 1, 1, 2);
  index.stored(external, 5, 1, 2, 3);
  index.stored(external, 5, 2, 0, 1);
  expect(match(5, 2)).toEqual([3, 3, 0]);
  // Device blocks up to 4: the host has the next one only.
  expect(match(5, 4)).toEqual([1, 3, 0]);
  // A gap before the host's blocks: out of reach, and so is all behind them.
  expect(match(5, 1)).toEqual([0, 0, 0]);
  expect(match(4, 2)).toEqual([0, 0, 0]);
});

test('without device blocks the walk starts at the root', () => {
  const { index, match } = bench();
  index.stored(disk, 1, 0, 0, 9);
  index.stored(disk, 1, 1, 0, 9);
  expect(match(1, 0)).toEqual([0, 7, 0]);
});

test('what follows a removed block counts again once it is back', () => {
  const { index, match } = bench();
  index.stored(host, 0, 0, 0, 4);
  index.removed(host, 0, 0, 1, 2);
  expect(match(0, 0)).toEqual([1, 0, 0]);
  expect(match(0, 2)).toEqual([2, 0, 0]);
  index.stored(host, 0, 0, 1, 2);
  expect(match(0, 0)).toEqual([4, 0, 0]);
  index.removed(host, 0, 0, 0, 99);
  index.removed(host, 0, 7, 0, 1);
  expect([match(0, 0), index.isEmpty]).toEqual([[0, 0, 0], true]);
});

test('the shared cache counts every block behind the device, holes or not', () => {
  const { index, match } = bench();
  index.stored(shared, -1, 0, 0, 4);
  index.stored(shared, -1, 2, 0, 2);
  index.removed(shared, -1, 0, 1, 2);
  expect([match(3, 0), match(3, 2), match(8, 8)]).toEqual([
    [0, 0, 5],
    [0, 0, 4],
    [0, 0, 1],
  ]);
});

test('a target that leaves takes its tiers with it, a cleared tier only itself', () => {
  const { index, match } = bench();
  for (const target of [0, 1]) {
    index.stored(host, target, 0, 0, 1);
    index.stored(disk, target, 0, 1, 2);
  }
  index.stored(shared, -1, 0, 3, 4);
  index.removeTarget(0);
  expect([match(0, 0), match(1, 0)]).toEqual([
    [0, 0, 1],
    [1, 1, 1],
  ]);
  index.cleared(host, 1);
  expect([match(1, 0), match(1, 1)]).toEqual([
    [0, 0, 1],
    [0, 1, 1],
  ]);
  index.freeNode(0);
  expect(index.isEmpty).toBe(true);
});
