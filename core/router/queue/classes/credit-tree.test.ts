import { expect, test } from 'vitest';
import { CreditTree } from './credit-tree.ts';

function needs(tree: CreditTree, members: number): number[] {
  return Array.from({ length: members }, (_, place) => tree.get(place));
}

test('rounds are granted to a stretch, and only to it', () => {
  const tree = new CreditTree(5);
  for (const [place, rounds] of [9, 8, 7, 6, 5].entries()) tree.set(place, rounds);
  tree.grant(1, 4, 2);
  expect(needs(tree, 5)).toEqual([9, 6, 5, 4, 5]);
  tree.grant(0, 5, 3);
  tree.grant(2, 2, 100);
  expect(needs(tree, 5)).toEqual([6, 3, 2, 1, 2]);
  expect(tree.least).toBe(1);
  tree.set(3, 40);
  expect(needs(tree, 5)).toEqual([6, 3, 2, 40, 2]);
  expect(tree.least).toBe(2);
});

test('the first that needs few enough, from a place on', () => {
  const tree = new CreditTree(6);
  for (const [place, rounds] of [3, Infinity, 1, 4, 1, 9].entries()) tree.set(place, rounds);
  expect(tree.firstWithin(1, 0)).toBe(2);
  expect(tree.firstWithin(1, 3)).toBe(4);
  expect(tree.firstWithin(1, 5)).toBe(-1);
  expect(tree.firstWithin(4, 3)).toBe(3);
  tree.grant(3, 6, 1);
  expect(tree.firstWithin(0, 0)).toBe(4);
});

test('an only member', () => {
  const tree = new CreditTree(1);
  expect([tree.least, tree.firstWithin(1e9, 0)]).toEqual([Infinity, -1]);
  tree.set(0, 4);
  tree.grant(0, 1, 4);
  expect([tree.get(0), tree.firstWithin(0, 0)]).toEqual([0, 0]);
});
