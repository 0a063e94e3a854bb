/** Timestamps are compared in steps of 100 ns, the finest that a known format writes. */
const STEPS_PER_MS = 10_000;

/** When requests arrive. Fields that need two arrivals are absent when there is one. */
export interface ArrivalAnalysis {
  /** Requests that have a timestamp. */
  readonly n: number;
  readonly distinctTimestamps: number;
  /** First to last arrival. */
  readonly spanMs: number;
  readonly rateRps?: number;
  /** Most arrivals in any window [t, t + 1 s), per second. */
  readonly peakRps1s: number;
  /** Most arrivals in any window [t, t + 1 min), per second. */
  readonly peakRps1min: number;
  /** Standard deviation of the gaps between arrivals over their mean: 1 for a Poisson process. */
  readonly gapCv?: number;
  /** Shortest gap that is not 0: arrivals closer together were given the same timestamp. */
  readonly timeResolutionMs?: number;
  /** Largest step of which every gap is a multiple. */
  readonly clockStepMs?: number;
}

/** Analyses arrival times in ascending order; undefined when there are none. */
export function analyseArrivals(sortedMs: Float64Array): ArrivalAnalysis | undefined {
  const n = sortedMs.length;
  if (n === 0) return undefined;
  const spanMs = sortedMs[n - 1]! - sortedMs[0]!;
  const base = {
    n,
    distinctTimestamps: countDistinct(sortedMs),
    spanMs,
    peakRps1s: mostInWindow(sortedMs, 1_000),
    peakRps1min: mostInWindow(sortedMs, 60_000) / 60,
  };
  if (spanMs <= 0) return base;
  return {
    ...base,
    rateRps: (n / spanMs) * 1_000,
    gapCv: coefficientOfVariation(sortedMs),
    ...timeResolution(sortedMs),
  };
}

/** Arrivals in each of `count` equal spans between the first and the last. */
export function arrivalHistogram(sortedMs: Float64Array, count: number): number[] {
  const bins = new Array<number>(count).fill(0);
  const first = sortedMs[0] ?? 0;
  const span = (sortedMs.at(-1) ?? 0) - first;
  if (span <= 0) return bins;
  for (const timeMs of sortedMs) {
    const bin = Math.min(count - 1, Math.floor(((timeMs - first) / span) * count));
    bins[bin] = bins[bin]! + 1;
  }
  return bins;
}

/**
 * Shortest gap and common step of times in ascending order; empty when all are equal. The two differ
 * where a trace was stamped in rounds that are not quite even: every 3 s, give or take 1 ms.
 */
export function timeResolution(
  sortedMs: Float64Array,
): Pick<ArrivalAnalysis, 'timeResolutionMs' | 'clockStepMs'> {
  let smallest = Number.POSITIVE_INFINITY;
  let common = 0;
  for (let index = 1; index < sortedMs.length; index++) {
    const gap = Math.round((sortedMs[index]! - sortedMs[index - 1]!) * STEPS_PER_MS);
    if (gap === 0) continue;
    smallest = Math.min(smallest, gap);
    common = greatestCommonDivisor(common, gap);
  }
  if (common === 0) return {};
  return { timeResolutionMs: smallest / STEPS_PER_MS, clockStepMs: common / STEPS_PER_MS };
}

function greatestCommonDivisor(a: number, b: number): number {
  let [large, small] = a > b ? [a, b] : [b, a];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}

function countDistinct(sortedMs: Float64Array): number {
  let distinct = 1;
  for (let index = 1; index < sortedMs.length; index++) {
    if (sortedMs[index] !== sortedMs[index - 1]) distinct++;
  }
  return distinct;
}

function mostInWindow(sortedMs: Float64Array, windowMs: number): number {
  let most = 0;
  let start = 0;
  for (let index = 0; index < sortedMs.length; index++) {
    while (sortedMs[index]! - sortedMs[start]! >= windowMs) start++;
    most = Math.max(most, index - start + 1);
  }
  return most;
}

function coefficientOfVariation(sortedMs: Float64Array): number {
  const gaps = sortedMs.length - 1;
  const mean = (sortedMs[gaps]! - sortedMs[0]!) / gaps;
  let squares = 0;
  for (let index = 1; index <= gaps; index++) {
    const deviation = sortedMs[index]! - sortedMs[index - 1]! - mean;
    squares += deviation * deviation;
  }
  return Math.sqrt(squares / gaps) / mean;
}
