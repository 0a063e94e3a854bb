import { expect, test } from 'vitest';
import { BlockIds } from './block-ids.ts';

function namesOf(blockIds: BlockIds, ids: number[], blocks: number, from = 0): number[] {
  blockIds.convert(Uint32Array.from(ids), from, blocks);
  const count = Math.ceil(blocks / blockIds.unitBlocks);
  return [...blockIds.names.subarray(blockIds.from, blockIds.from + count)];
}

test('a trace block of several engine blocks: one id names them all', () => {
  const blockIds = new BlockIds(64, 512);
  expect(blockIds.unitBlocks).toBe(8);
  expect(namesOf(blockIds, [99, 7, 9], 12, 1)).toEqual([7, 9]);
});

test('equal sizes: one id, one block', () => {
  const blockIds = new BlockIds(16, 16);
  expect([blockIds.unitBlocks, namesOf(blockIds, [3, 4], 2)]).toEqual([1, [3, 4]]);
});

test('engine blocks across trace blocks are named by all ids that they touch', () => {
  const blockIds = new BlockIds(768, 512);
  expect(blockIds.unitBlocks).toBe(1);
  // Blocks [0, 768) and [768, 1536) touch ids 0–1 and 1–2.
  const first = namesOf(blockIds, [7, 8, 9], 2);
  expect(first[0]).not.toBe(first[1]);
  expect(namesOf(blockIds, [7, 8, 9], 2)).toEqual(first);
  const other = namesOf(blockIds, [7, 8, 6], 2);
  expect(other[0]).toBe(first[0]);
  expect(other[1]).not.toBe(first[1]);
  expect(namesOf(blockIds, [7, 5, 9], 1)).not.toEqual([first[0]]);
});

test('a long prompt after a short one', () => {
  const blockIds = new BlockIds(48, 32);
  const ids = Array.from({ length: 400 }, (_, index) => index);
  const short = namesOf(blockIds, ids, 2);
  const long = namesOf(blockIds, ids, 260);
  expect(long.slice(0, 2)).toEqual(short);
  expect(new Set(long).size).toBe(260);
});
