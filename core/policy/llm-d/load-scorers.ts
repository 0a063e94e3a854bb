import type { Candidate } from '../../router/policies/pipeline/selection.ts';

type Scores = (candidates: readonly Candidate[]) => number[];

/** The least of a load is worth 1, the most 0, what lies between in proportion; all alike, 1. */
export function leastFirst(loadOf: (candidate: Candidate) => number): Scores {
  return (candidates) => {
    const loads = candidates.map(loadOf);
    const least = Math.min(...loads);
    const most = Math.max(...loads);
    if (least === most) return loads.map(() => 1);
    return loads.map((load) => (most - load) / (most - least));
  };
}

/** `load-aware-scorer`: 0.5 without waiting requests, 0 from `threshold` of them up. */
export function loadAware(threshold: number): (candidate: Candidate) => number {
  return ({ waitingRequests }) => 0.5 * (1 - Math.min(waitingRequests, threshold) / threshold);
}

/** `active-request-scorer`: 1 up to `idleThreshold` requests; above, by the distance to the most. */
export function activeRequest(idleThreshold: number, maxBusyScore: number): Scores {
  return (candidates) => {
    const counts = candidates.map(({ activeRequests }) => activeRequests);
    const most = Math.max(...counts);
    return counts.map((count) =>
      count <= idleThreshold ? 1 : ((most - count) / most) * maxBusyScore,
    );
  };
}

/** `token-load-scorer`: 1 without tokens under way, 0 from `threshold` of them up. */
export function tokenLoad(threshold: number, blockSize: number): (candidate: Candidate) => number {
  return ({ activeBlocks }) => 1 - Math.min(1, (activeBlocks * blockSize) / threshold);
}

/** `kv-cache-utilization-scorer`: the share of the blocks that is not in use. */
export function freeShare({ activeBlocks, kvBlocks }: Candidate): number {
  return Math.max(0, 1 - activeBlocks / kvBlocks);
}
