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

test('a walk goes to small keys first and leaves out what a falling bound excludes', () => {
  const tree = new LoadTree();
  for (const [target, key] of [3, 1, 4, 1, 5, 9, 2].entries()) tree.set(target, key);
  tree.startWalk();
  // From the root to the half with 1, 1; then its neighbour 3; of the other half only 2 is left.
  expect([tree.next(Infinity), tree.next(4), tree.next(3)]).toEqual([1, 0, 3]);
  expect([tree.next(2), tree.next(2)]).toEqual([6, -1]);
  tree.startWalk();
  expect([tree.next(1), tree.next(1), tree.next(1)]).toEqual([1, 3, -1]);
  tree.startWalk();
  const all = Array.from({ length: 8 }, () => tree.next(Infinity));
  expect(all.sort((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3, 4, 5, 6]);
});

test('an emptied tree has no minimum', () => {
  const tree = new LoadTree();
  tree.set(5, 1);
  tree.delete(5);
  tree.delete(50);
  expect([tree.minimum, tree.ties]).toEqual([Infinity, 0]);
  expect(() => tree.tied(0)).toThrow(/ties/);
});
