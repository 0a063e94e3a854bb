import { expect, test } from 'vitest';
import { TraceBatch } from '../batch.ts';
import { analyseReuse } from './reuse.ts';
import { smallestCacheFor, workingSetCurve } from './working-set.ts';

function batchOf(...prompts: readonly (readonly number[])[]): TraceBatch {
  const batch = new TraceBatch();
  for (const [index, prompt] of prompts.entries()) {
    batch.append(index + 1, prompt.length * 4, 1);
    for (const id of prompt) batch.appendHashId(id);
  }
  return batch;
}

test('counts by hand: a shared system block, a conversation, a stranger', () => {
  const reuse = analyseReuse([batchOf([1, 2], [1, 3], [1, 2, 4], [9])], 4);
  // Row 2 hits 1; row 3 hits 1 and 2.
  expect(reuse).toMatchObject({ hitBlocks: 3, totalBlocks: 8, uniqueBlocks: 5 });
  expect(reuse).toMatchObject({ hitTokens: 12, totalTokens: 32 });
  // After row 1 the order is 1 2; after row 2 it is 1 3 2. So depths are 1, then 1 and 3.
  expect([...reuse.hitsAtDepth]).toEqual([0, 2, 0, 1, 0, 0]);
  expect(workingSetCurve(reuse).map(({ blocks, hitBlocks }) => [blocks, hitBlocks])).toEqual([
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 3],
    [5, 3],
  ]);
  expect(smallestCacheFor(reuse, 0.5)).toBe(1);
  expect(smallestCacheFor(reuse, 1)).toBe(3);
});

test('nothing hits behind a miss, nor within the prompt that brings the block', () => {
  const reuse = analyseReuse([batchOf([1, 2, 3], [7, 2, 3], [5, 5])], 4);
  expect(reuse.hitBlocks).toBe(0);
  expect(smallestCacheFor(reuse, 0.9)).toBeUndefined();
});

test('a last block that is not full counts its own tokens only', () => {
  const batch = batchOf([1, 2], [1, 2]);
  batch.inputTokens[1] = 5;
  expect(analyseReuse([batch], 4)).toMatchObject({ hitBlocks: 2, hitTokens: 5, totalTokens: 13 });
});

test('batches are one trace', () => {
  const apart = analyseReuse([batchOf([1, 2]), batchOf([1, 2, 3])], 4);
  expect(apart).toEqual(analyseReuse([batchOf([1, 2], [1, 2, 3])], 4));
});

test('without content there is no curve', () => {
  expect(workingSetCurve(analyseReuse([batchOf([])], 4))).toEqual([]);
});
