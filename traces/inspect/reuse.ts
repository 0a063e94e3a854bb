import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { TraceBatch } from '../batch.ts';
import { FenwickTree } from './fenwick.ts';

/** How much of the prompts a prefix cache could serve, by its size. */
export interface ReuseAnalysis {
  readonly totalBlocks: number;
  readonly uniqueBlocks: number;
  readonly totalTokens: number;
  /** With a cache that never evicts. */
  readonly hitBlocks: number;
  readonly hitTokens: number;
  /** hits[depth]: hits whose block was the depth-th most recently used one, 1 = the last used. */
  readonly hitsAtDepth: Uint32Array;
}

/**
 * Exact reuse of a trace in one pass, for caches of every size at once (Mattson et al. 1970).
 *
 * A request finds the longest prefix of its prompt that is in the cache, then uses all its blocks,
 * the tail first, so that a block is never evicted before those that build on it. Under LRU a cache
 * of C blocks holds the C most recently used ones, whatever C is; a block therefore hits when its
 * depth in that one order, and the depth of every block before it in the prompt, is at most C.
 *
 *     slotOf[block]   when the block was last used: its position in the order, −1 = never
 */
export function analyseReuse(batches: readonly TraceBatch[], blockSize: number): ReuseAnalysis {
  const totalBlocks = batches.reduce((sum, batch) => sum + batch.hashStart[batch.count]!, 0);
  const recency = new FenwickTree(totalBlocks);
  const denseIds = new PairMap();
  let slotOf = new Int32Array(1_024).fill(-1);
  let hitsAtDepth = new Uint32Array(1_024);
  let prompt = new Int32Array(256);
  let clock = 0;
  let hitBlocks = 0;
  let hitTokens = 0;
  let totalTokens = 0;

  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++) {
      const start = batch.hashStart[row]!;
      const blocks = batch.hashStart[row + 1]! - start;
      totalTokens += batch.inputTokens[row]!;
      prompt = growColumn(prompt, blocks);
      let deepest = 0;
      let prefix = 0;
      for (let index = 0; index < blocks; index++) {
        const block = intern(denseIds, batch.hashIds[start + index]!);
        slotOf = growSlots(slotOf, block);
        prompt[index] = block;
        const slot = slotOf[block]!;
        // Behind the first block that is in no cache, nothing can hit.
        if (slot < 0 || prefix < index) continue;
        prefix++;
        deepest = Math.max(deepest, recency.total - recency.sumBefore(slot));
        hitsAtDepth = growColumn(hitsAtDepth, deepest + 1);
        hitsAtDepth[deepest] = hitsAtDepth[deepest]! + 1;
      }
      hitBlocks += prefix;
      hitTokens += Math.min(prefix * blockSize, batch.inputTokens[row]!);
      for (let index = blocks - 1; index >= 0; index--) {
        const block = prompt[index]!;
        if (slotOf[block]! >= 0) recency.add(slotOf[block]!, -1);
        recency.add(clock, 1);
        slotOf[block] = clock++;
      }
    }
  }
  const uniqueBlocks = denseIds.size;
  hitsAtDepth = growColumn(hitsAtDepth, uniqueBlocks + 1).slice(0, uniqueBlocks + 1);
  return { totalBlocks, uniqueBlocks, totalTokens, hitBlocks, hitTokens, hitsAtDepth };
}

function intern(denseIds: PairMap, id: number): number {
  const known = denseIds.get(0, id);
  if (known >= 0) return known;
  const block = denseIds.size;
  denseIds.set(0, id, block);
  return block;
}

function growSlots(slots: Int32Array<ArrayBuffer>, block: number): Int32Array<ArrayBuffer> {
  const before = slots.length;
  const grown = growColumn(slots, block + 1);
  return grown.length === before ? grown : grown.fill(-1, before);
}
