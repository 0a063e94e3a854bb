import type { ReuseAnalysis } from './reuse.ts';

/** What an LRU prefix cache of a size would serve. */
export interface WorkingSetPoint {
  readonly blocks: number;
  readonly hitBlocks: number;
  /** hitBlocks over all prompt blocks of the trace. */
  readonly hitRatio: number;
}

const CEILING_SHARES = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

/**
 * The hit ratio against the size of the cache: at powers of two up to the distinct blocks, and at
 * the sizes that reach given shares of what an infinite cache serves. Empty without blocks.
 */
export function workingSetCurve(reuse: ReuseAnalysis): WorkingSetPoint[] {
  if (reuse.totalBlocks === 0) return [];
  const sizes = new Set<number>([reuse.uniqueBlocks]);
  for (let size = 1; size < reuse.uniqueBlocks; size *= 2) sizes.add(size);
  for (const share of CEILING_SHARES) {
    const size = smallestCacheFor(reuse, share);
    if (size !== undefined) sizes.add(size);
  }
  const cumulative = cumulate(reuse.hitsAtDepth);
  return [...sizes]
    .sort((a, b) => a - b)
    .map((blocks) => ({
      blocks,
      hitBlocks: cumulative[blocks]!,
      hitRatio: cumulative[blocks]! / reuse.totalBlocks,
    }));
}

/** The fewest blocks with which LRU serves `share` of an infinite cache's hits; none without hits. */
export function smallestCacheFor(reuse: ReuseAnalysis, share: number): number | undefined {
  if (reuse.hitBlocks === 0) return undefined;
  const wanted = Math.ceil(share * reuse.hitBlocks);
  let hits = 0;
  for (let depth = 0; depth < reuse.hitsAtDepth.length; depth++) {
    hits += reuse.hitsAtDepth[depth]!;
    if (hits >= wanted) return depth;
  }
  return undefined;
}

function cumulate(hitsAtDepth: Uint32Array): Float64Array {
  const cumulative = new Float64Array(hitsAtDepth.length);
  let hits = 0;
  for (let depth = 0; depth < hitsAtDepth.length; depth++) {
    hits += hitsAtDepth[depth]!;
    cumulative[depth] = hits;
  }
  return cumulative;
}
