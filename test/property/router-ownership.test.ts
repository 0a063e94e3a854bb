import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { OwnershipIndex } from '#core/router/index/ownership.ts';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { NaiveOwnership } from '../reference/naive-ownership.ts';
import { forestArbitrary } from '../reference/random-forest.ts';

const NODES = 12;
const TARGETS = 5;
const MAX_LENGTH = 4;

const operation = fc.record({
  kind: fc.constantFrom('stored', 'stored', 'stored', 'removed', 'cleared', 'freeNode'),
  target: fc.nat({ max: TARGETS - 1 }),
  node: fc.nat({ max: NODES - 1 }),
  blocks: fc.nat({ max: MAX_LENGTH }),
});

/** With hot levels every answer is the same, only the list of targets is shorter. */
function expectHotMatch(
  index: OwnershipIndex,
  path: PromptPath,
  expected: readonly number[],
  longestList: number,
): void {
  const match = new PrefixMatch();
  index.match(path, match, longestList);
  expect(expected.map((_, id) => match.blocksOf(id))).toEqual(expected);
  expect(match.bestBlocks).toBe(Math.max(...expected));
  for (const [id, matched] of expected.entries()) {
    expect(match.has(id)).toBe(matched > match.hotBlocks);
  }
  const pairs = match.save();
  expect(match.hotBlocks).toBe(0);
  expect(pairs.length).toBe(2 * expected.filter((matched) => matched > 0).length);
  expect(expected.map((_, id) => match.blocksOf(id))).toEqual(expected);
}

test('the match equals the longest stored contiguous prefix of every target', () => {
  const history = fc.array(operation, { maxLength: 80 });
  fc.assert(
    fc.property(forestArbitrary(NODES, MAX_LENGTH), history, (forest, operations) => {
      const index = new OwnershipIndex();
      const naive = new NaiveOwnership(forest, TARGETS);
      const path = new PromptPath();
      const match = new PrefixMatch();
      for (const { kind, target, node, blocks } of operations) {
        const used = Math.min(blocks, forest.length[node]!);
        if (kind === 'stored' && used > 0) {
          index.stored(target, node, used);
          naive.stored(target, node, used);
        } else if (kind === 'removed') {
          index.removed(target, node, used);
          naive.removed(target, node, used);
        } else if (kind === 'cleared' && blocks === 0) {
          index.cleared(target);
          naive.cleared(target);
        } else if (kind === 'freeNode' && blocks === 0) {
          index.freeNode(node);
          naive.freeNode(node);
        }
        path.fill(forest, node, used);
        index.match(path, match);
        const expected = naive.match(node, used);
        expect(expected.map((_, id) => match.blocksOf(id))).toEqual(expected);
        expect(match.bestBlocks).toBe(Math.max(...expected));
        expect([...match.targets.subarray(0, match.count)].sort()).toEqual(
          expected.flatMap((matched, id) => (matched > 0 ? [id] : [])),
        );
        expect(index.blocksOf(target)).toBe(naive.blocksOf(target));
        expectHotMatch(index, path, expected, blocks % 3);
      }
    }),
    { numRuns: 300 },
  );
});

test('storing and removing the same blocks is the identity', () => {
  fc.assert(
    fc.property(forestArbitrary(NODES, MAX_LENGTH), fc.nat({ max: NODES - 1 }), (forest, leaf) => {
      const index = new OwnershipIndex();
      const path = new PromptPath();
      const match = new PrefixMatch();
      path.fill(forest, leaf, forest.length[leaf]!);
      for (let level = 0; level < path.depth; level++) {
        index.stored(1, path.nodes[level]!, path.needs[level]!);
      }
      index.match(path, match);
      expect(match.blocksOf(1)).toBe(path.blocks);
      for (let level = 0; level < path.depth; level++) index.removed(1, path.nodes[level]!, 0);
      index.match(path, match);
      expect(match.count).toBe(0);
      expect(index.blocksOf(1)).toBe(0);
    }),
  );
});
