import { expect, test } from 'vitest';
import { LoadTree } from './load-tree.ts';

test('knows the smallest key, its ties in order of id, and what is near it', () => {
  const tree = new LoadTree();
  expect(tree.minimum).toBe(Infinity);
  for (const [target, key] of [3, 1, 4, 1, 5, 9, 2, 1].entries()) tree.set(target, key);
  expect([tree.minimum, tree.ties]).toEqual([1, 3]);
  expect([tree.tied(0), tree.tied(1), tree.tied(2)]).toEqual([1, 3, 7]);
  const found = new Int32Array(8);
  expect([...found.subarray(0, tree.collect(3, found))]).toEqual([0, 1, 3, 6, 7]);
  tree.set(3, 6);
  tree.delete(1);
  expect([tree.ties, tree.tied(0)]).toEqual([1, 7]);
  tree.delete(7);
  expect([tree.minimum, tree.tied(0)]).toEqual([2, 6]);
  tree.set(20, 2);
  expect([tree.ties, tree.tied(1)]).toEqual([2, 20]);
});

test('an emptied tree has no minimum', () => {
  const tree = new LoadTree();
  tree.set(5, 1);
  tree.delete(5);
  tree.delete(50);
  expect([tree.minimum, tree.ties]).toEqual([Infinity, 0]);
  expect(() => tree.tied(0)).toThrow(/ties/);
});
