import type { PromptBlocks } from './prompt-blocks.ts';

/**
 * Blocks that a cache which never evicts, shared by all workers, has when each request comes: its
 * leading blocks that any request before it had. `order` lists rows as they arrive.
 */
export function infiniteCacheHits(prompts: PromptBlocks, order: Int32Array): number {
  const seen = new Uint8Array(prompts.distinct);
  const { start, blocks } = prompts;
  let hits = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place]!;
    const end = start[row + 1]!;
    let at = start[row]!;
    while (at < end && seen[blocks[at]!] === 1) at++;
    hits += at - start[row]!;
    for (; at < end; at++) seen[blocks[at]!] = 1;
  }
  return hits;
}
