import { expect, test } from 'vitest';
import { PromptForest, type PromptPath } from './prompt-forest.ts';

function intern(forest: PromptForest, ids: number[], blocks = ids.length): PromptPath {
  const path = { leaf: -1, leafBlocks: 0 };
  forest.intern(Uint32Array.from(ids), 0, blocks, path);
  return path;
}

test('equal prompts share a path; a longer one hangs below, a shorter one ends inside', () => {
  const forest = new PromptForest(1);
  expect(intern(forest, [5, 6, 7])).toEqual({ leaf: 0, leafBlocks: 3 });
  expect(intern(forest, [5, 6, 7])).toEqual({ leaf: 0, leafBlocks: 3 });
  expect(intern(forest, [5, 6])).toEqual({ leaf: 0, leafBlocks: 2 });
  expect(intern(forest, [5, 6, 7, 8, 9])).toEqual({ leaf: 1, leafBlocks: 2 });
  expect([forest.parent[1], forest.attach[1], forest.length[1]]).toEqual([0, 3, 2]);
  expect(forest.depth(1, 2)).toBe(5);
  expect(forest.nodes).toBe(2);
});

test('a prompt that leaves an extent half-way hangs at that offset and splits nothing', () => {
  const forest = new PromptForest(1);
  intern(forest, [1, 2, 3, 4]);
  expect(intern(forest, [1, 2, 9, 9])).toEqual({ leaf: 1, leafBlocks: 2 });
  expect([forest.parent[1], forest.attach[1]]).toEqual([0, 2]);
  expect(forest.length[0]).toBe(4);
  expect(intern(forest, [1, 2, 9, 8])).toEqual({ leaf: 2, leafBlocks: 1 });
  expect([forest.parent[2], forest.attach[2]]).toEqual([1, 1]);
  expect(intern(forest, [2])).toEqual({ leaf: 3, leafBlocks: 1 });
  expect(forest.parent[3]).toBe(-1);
});

test('one id names several blocks, of which a prompt may use the first few', () => {
  const forest = new PromptForest(4);
  expect(intern(forest, [1, 2], 6)).toEqual({ leaf: 0, leafBlocks: 6 });
  expect(intern(forest, [1, 2], 8)).toEqual({ leaf: 1, leafBlocks: 2 });
  expect([forest.parent[1], forest.attach[1]]).toEqual([0, 6]);
  expect(intern(forest, [1, 3], 5)).toEqual({ leaf: 2, leafBlocks: 1 });
  expect([forest.parent[2], forest.attach[2]]).toEqual([0, 4]);
  expect(intern(forest, [1, 2, 5], 9)).toEqual({ leaf: 3, leafBlocks: 1 });
  expect([forest.parent[3], forest.attach[3]]).toEqual([1, 2]);
});

test('a prompt without a full block is nowhere', () => {
  const forest = new PromptForest(2);
  expect(intern(forest, [], 0)).toEqual({ leaf: -1, leafBlocks: 0 });
  expect([forest.nodes, forest.depth(-1, 0)]).toEqual([0, 0]);
});

test('a node lives while a prompt or a child holds it, then its id is used again', () => {
  const forest = new PromptForest(1);
  const parent = intern(forest, [1, 2]);
  const child = intern(forest, [1, 2, 3]);
  forest.release(parent.leaf);
  expect(forest.nodes).toBe(2);
  forest.release(child.leaf);
  expect(forest.nodes).toBe(0);
  expect(intern(forest, [8, 9])).toEqual({ leaf: parent.leaf, leafBlocks: 2 });
  expect(intern(forest, [1, 2])).toEqual({ leaf: child.leaf, leafBlocks: 2 });
});

test('a private node hangs below a path, and no prompt finds it', () => {
  const forest = new PromptForest(1);
  const { leaf } = intern(forest, [1, 2]);
  const own = forest.plantPrivate(leaf, 2, 3);
  forest.retain(own);
  expect([forest.isPrivate(own), forest.isPrivate(leaf)]).toEqual([true, false]);
  expect([forest.parent[own], forest.attach[own], forest.depth(own, 3)]).toEqual([leaf, 2, 5]);
  expect(intern(forest, [1, 2, 3]).leaf).not.toBe(own);
  forest.release(leaf);
  forest.release(own);
  expect(forest.nodes).toBe(2);
});

test('the ids of freed nodes are cleared away, and what lives is still found', () => {
  const forest = new PromptForest(1);
  const kept = Array.from({ length: 500 }, (_, block) => 7_000_000 + block);
  const before = intern(forest, kept);
  for (let prompt = 0; prompt < 300; prompt++) {
    const ids = Array.from({ length: 400 }, (_, block) => prompt * 400 + block);
    forest.release(intern(forest, ids).leaf);
  }
  expect(forest.nodes).toBe(1);
  expect(intern(forest, kept)).toEqual(before);
  expect(intern(forest, [...kept.slice(0, 499), 1]).leaf).not.toBe(before.leaf);
});
