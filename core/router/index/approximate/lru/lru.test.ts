import { expect, test } from 'vitest';
import { PrefixMatch } from '../../prefix-match.ts';
import { PromptPath } from '../../prompt-path.ts';
import { NO_HOLDS } from '../routed-index.ts';
import { LruIndex } from './lru.ts';

/** A prompt of 4 blocks with a branch of 3 after its second, and a prompt of 5 on its own. */
const forest = {
  parent: Int32Array.of(-1, 0, -1),
  attach: Int32Array.of(0, 2, 0),
  length: Int32Array.of(4, 3, 5),
};

function held(index: LruIndex): number[] {
  const path = new PromptPath();
  const match = new PrefixMatch();
  return [0, 1, 2].map((leaf) => {
    path.fill(forest, leaf, forest.length[leaf]!);
    index.match(path, match);
    return match.blocksOf(0);
  });
}

test('the blocks that were routed longest ago go first, the deepest of a prompt before the others', () => {
  const index = new LruIndex(forest, NO_HOLDS, 8);
  index.routed(0, 0, 4, 0);
  index.routed(0, 1, 3, 1);
  expect(held(index)).toEqual([4, 5, 0]);
  // 7 + 5 blocks are 4 too many: the old end of the first prompt, then the end of its branch.
  index.routed(0, 2, 5, 2);
  expect(held(index)).toEqual([2, 3, 5]);
  index.routed(0, 0, 4, 3);
  expect(held(index)).toEqual([4, 2, 4]);
});

test('a prompt longer than the pool is believed to be there as far as it fits', () => {
  const index = new LruIndex(forest, NO_HOLDS, 3);
  index.routed(0, 2, 5, 0);
  expect(held(index)).toEqual([0, 0, 3]);
});
