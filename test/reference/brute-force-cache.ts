/**
 * The most leading blocks that requests can find in a cache of `capacity` blocks, by trying every
 * eviction. A request needs all its blocks in the cache at once, and they stay until something is
 * evicted for others; at any time anything else may be evicted. Exponential: a handful of blocks.
 */
export function bestHits(requests: readonly (readonly number[])[], capacity: number): number {
  /** What may be in the cache → the most that was found on the way. */
  let states = new Map<string, { readonly cache: readonly number[]; readonly hits: number }>();
  states.set('', { cache: [], hits: 0 });
  for (const request of requests) {
    const needed = request.slice(0, capacity);
    const next: typeof states = new Map();
    for (const { cache, hits } of [...states.values()]) {
      const missing = needed.findIndex((block) => !cache.includes(block));
      const found = hits + (missing < 0 ? needed.length : missing);
      const others = cache.filter((block) => !needed.includes(block));
      for (const kept of subsets(others)) {
        if (kept.length + needed.length > capacity) continue;
        const after = [...kept, ...needed].toSorted((a, b) => a - b);
        const key = after.join(',');
        if ((next.get(key)?.hits ?? -1) < found) next.set(key, { cache: after, hits: found });
      }
    }
    states = next;
  }
  return Math.max(...[...states.values()].map(({ hits }) => hits));
}

function subsets(items: readonly number[]): number[][] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  const without = subsets(rest);
  return without.concat(without.map((subset) => [first, ...subset]));
}
