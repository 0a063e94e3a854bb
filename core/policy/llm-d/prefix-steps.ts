import type {
  Candidate,
  PolicyRandom,
  RouteRequest,
} from '../../router/policies/pipeline/selection.ts';

/** `prefix-cache-scorer`: the cached part of the prompt's first `most` blocks. */
export function cachedShare(most: number): (candidate: Candidate, request: RouteRequest) => number {
  return ({ cachedBlocks }, { blocks }) => {
    const counted = Math.min(blocks, most);
    return counted === 0 ? 0 : Math.min(cachedBlocks, most) / counted;
  };
}

/** `precise-prefix-cache-scorer`: among those with a hit, from the least (0) to the most (1). */
export function cachedRank(candidates: readonly Candidate[]): number[] {
  const hits = candidates.map(({ cachedBlocks }) => cachedBlocks).filter((blocks) => blocks > 0);
  const least = Math.min(...hits);
  const most = Math.max(...hits);
  return candidates.map(({ cachedBlocks }) => {
    if (cachedBlocks === 0) return 0;
    return least === most ? 1 : (cachedBlocks - least) / (most - least);
  });
}

/**
 * `prefix-cache-affinity-filter`: only those that have cached `threshold` of the prompt, where there
 * are any; with the probability `exploration` all the same all.
 */
export function affinityFilter(threshold: number, exploration: number) {
  const shareOf = cachedShare(Number.POSITIVE_INFINITY);
  return (
    candidates: readonly Candidate[],
    request: RouteRequest,
    random: PolicyRandom,
  ): boolean[] => {
    const sticky = candidates.map((candidate) => shareOf(candidate, request) >= threshold);
    const opens = exploration > 0 && random.float() < exploration;
    return opens || !sticky.includes(true) ? sticky.map(() => true) : sticky;
  };
}
