import { expect, test } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { PrefixMatch } from '../../prefix-match.ts';
import { PromptPath } from '../../prompt-path.ts';
import { NO_HOLDS } from '../routed-index.ts';
import { TtlIndex } from './ttl.ts';

/** A prompt of 10 blocks, and one that shares its first 6 and goes on with 4 of its own. */
const forest = {
  parent: Int32Array.of(-1, 0),
  attach: Int32Array.of(0, 6),
  length: Int32Array.of(10, 4),
};

function held(index: TtlIndex, nowNs: number): number[] {
  const path = new PromptPath();
  const match = new PrefixMatch();
  index.catchUp(nowNs);
  return [0, 1].map((leaf) => {
    path.fill(forest, leaf, forest.length[leaf]!);
    index.match(path, match);
    return match.blocksOf(3);
  });
}

test('what is routed again lives on, the rest ends at the next tenth of a second', () => {
  const index = new TtlIndex(forest, NO_HOLDS, 120 * NS_PER_S);
  index.routed(3, 0, 10, 0.01 * NS_PER_S);
  index.routed(3, 1, 4, 50 * NS_PER_S);
  expect(held(index, 120 * NS_PER_S)).toEqual([10, 10]);
  expect(held(index, 120.1 * NS_PER_S - 1)).toEqual([10, 10]);
  // The first six blocks are part of the second prompt too.
  expect(held(index, 120.1 * NS_PER_S)).toEqual([6, 10]);
  expect(index.blocksOf(3)).toBe(10);
  expect(held(index, 170 * NS_PER_S)).toEqual([0, 0]);
  expect(index.uses(0)).toBe(false);
});
