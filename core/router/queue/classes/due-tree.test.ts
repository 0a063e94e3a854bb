import { expect, test } from 'vitest';
import { DueTree } from './due-tree.ts';

function treeOf(dues: readonly number[]): DueTree {
  const tree = new DueTree(dues.length);
  for (const [place, due] of dues.entries()) tree.set(place, due);
  return tree;
}

function all(tree: DueTree, members: number): number[] {
  return Array.from({ length: members }, (_, place) => tree.get(place));
}

test('a stretch is shifted, and only it', () => {
  const tree = treeOf([9, 8, 7, 6, 5]);
  tree.shift(1, 4, -2);
  expect(all(tree, 5)).toEqual([9, 6, 5, 4, 5]);
  tree.shift(0, 5, -3);
  tree.shift(2, 2, 100);
  expect(all(tree, 5)).toEqual([6, 3, 2, 1, 2]);
  tree.set(3, 40);
  expect(all(tree, 5)).toEqual([6, 3, 2, 40, 2]);
  expect([tree.leastOf(0, 5), tree.leastOf(0, 2), tree.leastOf(3, 4)]).toEqual([2, 3, 40]);
  expect(tree.leastOf(2, 2)).toBe(Infinity);
});

test('the first that is due, from a place on', () => {
  const tree = treeOf([3, Infinity, 1, 4, 1, 9]);
  expect(tree.firstDue(1, 0)).toBe(2);
  expect(tree.firstDue(1, 3)).toBe(4);
  expect(tree.firstDue(1, 5)).toBe(-1);
  expect(tree.firstDue(1, 8)).toBe(-1);
  expect(tree.firstDue(4, 3)).toBe(3);
  tree.shift(3, 6, -1);
  expect(tree.firstDue(0, 0)).toBe(4);
  tree.shift(0, 6, -7);
  expect(tree.firstDue(1, 5)).toBe(5);
});

test('an only member', () => {
  const tree = new DueTree(1);
  expect(tree.firstDue(1e9, 0)).toBe(-1);
  tree.set(0, 4);
  tree.shift(0, 1, 2);
  expect([tree.get(0), tree.firstDue(6, 0), tree.firstDue(5, 0)]).toEqual([6, 0, -1]);
});
