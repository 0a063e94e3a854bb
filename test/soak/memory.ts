import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Growth that is no leak: the heap's own unevenness between two collections. */
const NOISE_BYTES = 4 * 1024 * 1024;
/** Samples below which nothing can be said. */
const SAMPLES_MIN = 16;

/** What is known of memory after a soak. */
export interface MemoryVerdict {
  /** Bytes in use after a collection, at the end. */
  readonly bytes: number;
  /** By how much that grew in the second half, by the median slope; undefined where samples are too few to tell. */
  readonly growth: number | undefined;
  readonly isFlat: boolean;
}

/** Bytes in use by JavaScript and its buffers, after a full collection. */
export function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Whether memory grew in the second half of a soak: in the first, caches fill. The slope is the median
 * of those between all pairs of samples (Theil and Sen), which a few odd ones do not move.
 */
export function judgeMemory(samples: readonly number[]): MemoryVerdict {
  const half = samples.slice(Math.floor(samples.length / 2));
  const bytes = samples.at(-1) ?? 0;
  if (samples.length < SAMPLES_MIN) return { bytes, growth: undefined, isFlat: true };
  const slopes = half.flatMap((from, at) =>
    half.slice(at + 1).map((to, further) => (to - from) / (further + 1)),
  );
  const slope = slopes.sort((a, b) => a - b)[slopes.length >> 1]!;
  const growth = slope * (half.length - 1);
  return { bytes, growth, isFlat: growth <= NOISE_BYTES };
}
