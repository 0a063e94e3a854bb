import { expect, test } from 'vitest';
import { traceOf } from '#test/reference/hand-trace.ts';
import { beladyHits } from './belady.ts';
import { greedyPlacementHits } from './greedy-placement.ts';
import { infiniteCacheHits } from './infinite-cache.ts';
import { PromptBlocks } from './prompt-blocks.ts';

/** Prompts of whole blocks, by their names. */
function promptsOf(ids: readonly (readonly number[])[], blockSize = 4, traceBlockSize = 4) {
  const rows = ids.map((names) => ({
    atMs: 0,
    input: names.length * traceBlockSize,
    output: 1,
    ids: names,
  }));
  const prompts = new PromptBlocks(blockSize, traceBlockSize);
  for (const batch of traceOf(rows).batches) prompts.append(batch, true);
  return { prompts, order: Int32Array.from(rows.keys()) };
}

test('what is used again last makes room, and nobody uses block 3 again', () => {
  const { prompts, order } = promptsOf([[1], [2], [3], [1], [2]]);
  expect(infiniteCacheHits(prompts, order)).toBe(2);
  // LRU with two blocks would find nothing. Here 3 drives 2 out, which comes later than 1.
  expect(beladyHits(prompts, order, 2)).toBe(1);
  expect(beladyHits(prompts, order, 3)).toBe(2);
});

test('a prompt larger than the cache counts for what fits', () => {
  const { prompts, order } = promptsOf([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(beladyHits(prompts, order, 2)).toBe(2);
});

test('one name of a trace may stand for several blocks', () => {
  const { prompts, order } = promptsOf([[1, 2], [1]], 2, 8);
  expect([prompts.total, prompts.distinct]).toEqual([12, 8]);
  expect(infiniteCacheHits(prompts, order)).toBe(4);
});

test('each conversation stays where its blocks are', () => {
  const turns = [[1], [5], [1, 2], [5, 6], [1, 2, 3], [5, 6, 7]];
  const { prompts, order } = promptsOf(turns);
  // Two workers of three blocks hold one conversation each; one of three holds neither.
  expect(greedyPlacementHits(prompts, order, 2, 3)).toBe(6);
  expect(greedyPlacementHits(prompts, order, 1, 3)).toBeLessThan(6);
  expect(beladyHits(prompts, order, 6)).toBe(6);
});
