import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TraceBatch } from '#traces/batch.ts';
import { readTraceFile } from '#traces/files.ts';
import { analyseReuse } from '#traces/inspect/reuse.ts';
import { NaivePrefixCache } from '../reference/naive-prefix-cache.ts';
import { needReference } from '../shared.ts';

/** Prompts as paths in a small tree, so that prefixes are shared, and some that are no paths at all. */
const prompt = fc.oneof(
  fc.array(fc.nat(2), { maxLength: 6 }).map((steps) => {
    let id = 0;
    return steps.map((step) => {
      id = id * 3 + step + 1;
      return id;
    });
  }),
  fc.array(fc.nat(12), { maxLength: 6 }),
);

test('hits at every cache size equal those of an LRU cache of that size', () => {
  fc.assert(
    fc.property(fc.array(prompt, { maxLength: 30 }), (prompts) => {
      const batch = new TraceBatch();
      for (const [index, ids] of prompts.entries()) {
        batch.append(index + 1, ids.length, 1);
        for (const id of ids) batch.appendHashId(id);
      }
      const reuse = analyseReuse([batch], 1);
      let hits = 0;
      for (let capacity = 0; capacity <= reuse.uniqueBlocks; capacity++) {
        hits += reuse.hitsAtDepth[capacity]!;
        const cache = new NaivePrefixCache(capacity);
        const naive = prompts.reduce((sum, ids) => sum + cache.request(ids), 0);
        expect(hits).toBe(naive);
      }
      expect(hits).toBe(reuse.hitBlocks);
    }),
    { numRuns: 150 },
  );
});

test('the ceiling of the Mooncake conversation trace is 105,710 of 288,500 blocks', async (context) => {
  const path = needReference(context, 'traces', 'mooncake', 'conversation_trace.jsonl.gz');
  const trace = await readTraceFile(path, { format: 'auto', traceBlockSize: 512 });
  expect(trace.requests).toBe(12_031);
  expect(analyseReuse(trace.batches, 512)).toMatchObject({
    hitBlocks: 105_710,
    totalBlocks: 288_500,
    uniqueBlocks: 182_790,
  });
});
