import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { PromptBlocks } from './prompt-blocks.ts';

/** Above every depth of a block in a prompt. */
const DEPTHS = 2 ** 21;

/** The occurrence has no later one. */
const NEVER_AGAIN = -1;

/**
 * Leading blocks that each request finds in one cache of `capacity` blocks which knows the future,
 * summed up: the most that any eviction can reach (Belady 1966, MIN).
 *
 * The unit of eviction is a block. A request needs all blocks of its prompt in the cache at once, and
 * what it has computed goes in whether or not it is of use again, as in an engine. What must go is
 * what is used again last: first blocks that nobody uses again, then those of the request furthest
 * ahead, the deepest first. Whoever uses a block uses all before it, so that no block is ever kept
 * without those. Of a prompt larger than the cache only what fits counts.
 */
export function beladyHits(prompts: PromptBlocks, order: Int32Array, capacity: number): number {
  const { start, blocks } = prompts;
  const nextUse = nextUses(prompts, order);
  const cached = new Uint8Array(prompts.distinct);
  const heap = new IndexedHeap();
  let used = 0;
  let dead = 0;
  let hits = 0;
  for (let place = 0; place < order.length; place++) {
    const from = start[order[place]!]!;
    const end = Math.min(start[order[place]! + 1]!, from + capacity);
    let found = from;
    while (found < end && cached[blocks[found]!] === 1) heap.remove(blocks[found++]!);
    hits += found - from;
    used += end - found;
    for (; used > capacity; used--) {
      if (dead > 0) dead--;
      else cached[heap.pop()] = 0;
    }
    for (let at = from; at < end; at++) {
      const block = blocks[at]!;
      const next = nextUse[at]!;
      cached[block] = next === NEVER_AGAIN ? 0 : 1;
      if (next === NEVER_AGAIN) dead++;
      else heap.push(block, -(next * DEPTHS + (at - from)));
    }
  }
  return hits;
}

/** For each occurrence of a block, the place in the order at which it comes next. */
function nextUses({ start, blocks, total, distinct }: PromptBlocks, order: Int32Array): Int32Array {
  const next = new Int32Array(total);
  const later = new Int32Array(distinct).fill(NEVER_AGAIN);
  for (let place = order.length - 1; place >= 0; place--) {
    const row = order[place]!;
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      next[at] = later[blocks[at]!]!;
      later[blocks[at]!] = place;
    }
  }
  return next;
}
