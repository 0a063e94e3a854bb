import { expect, test } from 'vitest';
import { BlockManager } from './block-manager.ts';
import { LruEviction } from './eviction/lru/lru.ts';
import { BlockSequence } from './sequence.ts';

function manager(blocks: number): BlockManager {
  return new BlockManager({ blocks, blockSize: 4, eviction: new LruEviction(blocks) });
}

test('grows by tokens: the tail fills up before a block is added', () => {
  const kv = manager(3);
  const sequence = new BlockSequence(kv);
  expect(sequence.grow(6)).toBe(true);
  expect([sequence.tokens, sequence.handles.length, sequence.blocksToGrow(2)]).toEqual([6, 2, 0]);
  expect(sequence.grow(2)).toBe(true);
  expect(sequence.grow(1)).toBe(true);
  expect(sequence.handles.map((handle) => kv.tokensIn(handle))).toEqual([4, 4, 1]);
  expect(sequence.grow(4)).toBe(false);
  expect([sequence.tokens, sequence.handles.length]).toEqual([9, 3]);
});

test('commits full blocks behind their parents, and only those', () => {
  const kv = manager(4);
  const sequence = new BlockSequence(kv);
  sequence.grow(9);
  sequence.commit([10, 11, 12], 1);
  sequence.commit([10, 11, 12], 2);
  expect(sequence.committedBlocks).toBe(2);
  expect(kv.events.drain()).toEqual([{ kind: 'stored', parent: -1, hashes: [10, 11] }]);
  expect(() => sequence.commit([10, 11, 12], 3)).toThrow('not full');
});

test('starts with what is cached, and is evicted tail first', () => {
  const kv = manager(3);
  const first = new BlockSequence(kv);
  first.grow(9);
  first.commit([10, 11], 2);
  first.release();
  expect([kv.count('inactive'), first.tokens]).toEqual([2, 0]);

  const second = new BlockSequence(kv);
  expect(second.attachPrefix([10, 99])).toBe(1);
  expect([second.tokens, second.grow(5)]).toEqual([4, true]);
  expect([kv.presence(10), kv.presence(11)]).toEqual([1, 0]);
});
