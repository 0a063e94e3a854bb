import { expect, test } from 'vitest';
import { HashForest } from './hash-forest.ts';

test('equal beginnings are the same nodes, and nodes live as long as somebody holds them', () => {
  const forest = new HashForest();
  const long = forest.intern([1n, 2n, 3n]);
  const branch = forest.intern([1n, 2n, 9n]);
  expect([forest.nodes, forest.parent[long], forest.parent[branch]]).toEqual([4, 1, 1]);
  expect(forest.intern([1n, 2n])).toBe(forest.parent[long]);
  forest.release(long);
  expect([forest.nodes, forest.find(3n), forest.find(9n)]).toEqual([3, -1, branch]);
  forest.release(branch);
  expect(forest.nodes).toBe(2);
  forest.release(forest.find(2n));
  expect([forest.nodes, forest.intern([])]).toEqual([0, -1]);
});
