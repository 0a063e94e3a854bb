import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { beladyHits } from '#sim/oracle/belady.ts';
import { greedyPlacementHits } from '#sim/oracle/greedy-placement.ts';
import { infiniteCacheHits } from '#sim/oracle/infinite-cache.ts';
import { reuseCeilings } from '#sim/oracle/oracle.ts';
import { PromptBlocks } from '#sim/oracle/prompt-blocks.ts';
import { analyseReuse } from '#traces/inspect/reuse.ts';
import { bestHits } from '../reference/brute-force-cache.ts';
import { type HandRow, traceOf } from '../reference/hand-trace.ts';
import { check } from './check.ts';
import { configOf, flightArbitrary, flyRandom } from './random-flight.ts';

/** Prompts of whole blocks of one token, a path in a tree each: what a name stands for is its path. */
const prompts = (most: number, levels: number, width: number) =>
  fc.array(fc.array(fc.nat({ max: width - 1 }), { minLength: 1, maxLength: levels }), {
    minLength: 1,
    maxLength: most,
  });

/** Names that are cumulative, as a trace has them. */
function rowsOf(paths: readonly (readonly number[])[]): HandRow[] {
  const names = new Map<string, number>();
  return paths.map((path) => {
    const ids = path.map((_, level) => {
      const key = path.slice(0, level + 1).join('/');
      if (!names.has(key)) names.set(key, names.size);
      return names.get(key)!;
    });
    return { atMs: 0, input: path.length, output: 1, ids };
  });
}

function blocksOf(rows: readonly HandRow[]): { blocks: PromptBlocks; order: Int32Array } {
  const blocks = new PromptBlocks(1, 1);
  for (const batch of traceOf(rows).batches) blocks.append(batch, true);
  return { blocks, order: Int32Array.from(rows.keys()) };
}

test('Belady finds what the best of all evictions finds', () => {
  const small = fc.tuple(prompts(6, 3, 2), fc.integer({ min: 1, max: 5 }));
  check(small, 500, ([paths, capacity]) => {
    const rows = rowsOf(paths);
    const { blocks, order } = blocksOf(rows);
    const best = bestHits(
      rows.map(({ ids }) => ids ?? []),
      capacity,
    );
    expect(beladyHits(blocks, order, capacity)).toBe(best);
  });
});

test('greedy placement ≤ Belady ≤ infinite cache, which is what inspecting the trace says', () => {
  const any = fc.tuple(
    prompts(40, 6, 3),
    fc.integer({ min: 6, max: 60 }),
    fc.integer({ min: 1, max: 4 }),
  );
  check(any, 500, ([paths, capacity, workers]) => {
    const rows = rowsOf(paths);
    const { blocks, order } = blocksOf(rows);
    const infinite = infiniteCacheHits(blocks, order);
    const belady = beladyHits(blocks, order, workers * capacity);
    const greedy = greedyPlacementHits(blocks, order, workers, capacity);
    expect(infinite).toBe(analyseReuse(traceOf(rows).batches, 1).hitBlocks);
    expect(beladyHits(blocks, order, 1_000)).toBe(infinite);
    expect(belady).toBeLessThanOrEqual(infinite);
    expect(greedy).toBeLessThanOrEqual(belady);
    expect(greedyPlacementHits(blocks, order, 1, 1_000)).toBe(infinite);
  });
});

test('no run reuses more than the ceilings say', () => {
  check(flightArbitrary(['fixed']), 200, (drawn) => {
    const result = flyRandom(drawn, 'leap');
    const { batches, hasContent } = traceOf(drawn.rows);
    const ceilings = reuseCeilings(configOf(drawn, 'leap'), batches, hasContent, result);
    expect(ceilings.run).toBeLessThanOrEqual(ceilings.infiniteCache);
    expect(ceilings.belady).toBeLessThanOrEqual(ceilings.infiniteCache);
    expect(ceilings.distinctBlocks).toBeGreaterThanOrEqual(0);
  });
});
