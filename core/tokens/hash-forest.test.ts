import { expect, test } from 'vitest';
import { sequenceHashes } from './block-hash.ts';
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

test('a path that is planted block by block is the one that its sequence hashes name', () => {
  const freed: number[] = [];
  const forest = new HashForest((node) => freed.push(node));
  const ofBlocks = [14643705804678351452n, 16777012769546811212n, 483935686894639516n];
  let node = -1;
  const held = ofBlocks.map((hash) => (node = forest.child(node, hash)));
  expect(forest.intern(sequenceHashes(ofBlocks))).toBe(node);
  expect(forest.hashOf(node)).toBe(12583592247330656132n);
  const serials = held.map((one) => forest.serial[one]);
  forest.release(node);
  for (const one of held) forest.release(one);
  expect([forest.nodes, freed]).toEqual([0, [...held].reverse()]);
  // The id comes back, the serial does not.
  const again = forest.child(-1, 5n);
  expect(held).toContain(again);
  expect(serials).not.toContain(forest.serial[again]);
});
