import { expect, test } from 'vitest';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { OwnershipIndex } from './ownership.ts';
import { PrefixMatch } from './prefix-match.ts';
import { PromptPath } from './prompt-path.ts';

/** Node 1 hangs behind 3 of the 5 blocks of node 0, node 2 before all of them. */
const forest: BlockForest = {
  parent: Int32Array.of(-1, 0, 0),
  attach: Int32Array.of(0, 3, 0),
  length: Int32Array.of(5, 4, 2),
};

function matches(index: OwnershipIndex, leaf: number, leafBlocks: number): Record<number, number> {
  const path = new PromptPath();
  const match = new PrefixMatch();
  path.fill(forest, leaf, leafBlocks);
  index.match(path, match);
  const targets = [...match.targets.subarray(0, match.count)].sort((a, b) => a - b);
  return Object.fromEntries(targets.map((target) => [target, match.blocksOf(target)]));
}

test('a path lists the blocks used of each node, root first', () => {
  const path = new PromptPath();
  path.fill(forest, 1, 2);
  expect([...path.nodes.subarray(0, path.depth)]).toEqual([0, 1]);
  expect([...path.needs.subarray(0, path.depth)]).toEqual([3, 2]);
  expect(path.blocks).toBe(5);
  path.fill(forest, 2, 1);
  expect([...path.nodes.subarray(0, path.depth)]).toEqual([2]);
  path.fill(forest, -1, 0);
  expect(path.depth).toBe(0);
});

test('only what has no gap from the root counts', () => {
  const index = new OwnershipIndex();
  index.stored(7, 0, 5);
  index.stored(7, 1, 4);
  index.stored(8, 0, 2);
  index.stored(8, 1, 4);
  index.stored(9, 1, 4);
  expect(matches(index, 1, 4)).toEqual({ 7: 7, 8: 2 });
  expect(matches(index, 0, 5)).toEqual({ 7: 5, 8: 2 });
  index.stored(8, 0, 3);
  expect(matches(index, 1, 2)).toEqual({ 7: 5, 8: 5 });
});

test('storing less than is held changes nothing, removing more than is held neither', () => {
  const index = new OwnershipIndex();
  index.stored(0, 0, 4);
  index.stored(0, 0, 2);
  index.removed(0, 0, 5);
  index.removed(3, 0, 0);
  expect(matches(index, 0, 5)).toEqual({ 0: 4 });
  index.removed(0, 0, 1);
  expect([matches(index, 0, 5), index.blocksOf(0)]).toEqual([{ 0: 1 }, 1]);
  index.removed(0, 0, 0);
  expect([matches(index, 0, 5), index.blocksOf(0)]).toEqual([{}, 0]);
});

test('clearing a target and freeing a node leave the others alone', () => {
  const index = new OwnershipIndex();
  for (let target = 0; target < 40; target++) {
    index.stored(target, 0, 5);
    index.stored(target, 1, 4);
  }
  index.cleared(3);
  expect([index.blocksOf(3), index.blocksOf(4)]).toEqual([0, 9]);
  expect(Object.keys(matches(index, 1, 4))).toHaveLength(39);
  index.freeNode(1);
  expect([index.blocksOf(3), index.blocksOf(4)]).toEqual([0, 5]);
  expect(matches(index, 1, 4)[4]).toBe(3);
});

test('owners of a hot beginning are not listed, and what they hold is known all the same', () => {
  const index = new OwnershipIndex();
  for (const [target, blocks] of [5, 3, 2].entries()) index.stored(target, 0, blocks);
  index.stored(1, 1, 2);
  index.stored(2, 1, 4);
  const path = new PromptPath();
  const match = new PrefixMatch();
  path.fill(forest, 1, 4);
  index.match(path, match, 2);
  // Target 2 holds the second node, but not all of the first.
  expect([...match.targets.subarray(0, match.count)]).toEqual([1]);
  expect([0, 1, 2, 3].map((target) => match.blocksOf(target))).toEqual([3, 5, 2, 0]);
  expect([match.hotBlocks, match.bestBlocks]).toEqual([3, 5]);
  index.removed(1, 1, 0);
  index.match(path, match, 2);
  expect([match.count, match.bestBlocks]).toEqual([0, 3]);
});
