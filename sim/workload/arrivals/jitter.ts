import type { RandomStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';

/** The smallest step between two different times, 0 when all are equal. Times in any order. */
export function timeResolutionNs(timesNs: Float64Array): Ns {
  const sorted = timesNs.slice().sort();
  let resolution = Number.POSITIVE_INFINITY;
  for (let index = 1; index < sorted.length; index++) {
    const step = sorted[index]! - sorted[index - 1]!;
    if (step > 0 && step < resolution) resolution = step;
  }
  return Number.isFinite(resolution) ? resolution : 0;
}

/**
 * Spreads each arrival evenly over the step of the clock that the trace was stamped with: what the
 * trace does not know may vary from seed to seed, and nothing else.
 */
export function jitterArrivals(timesNs: Float64Array, stream: RandomStream): void {
  const resolution = timeResolutionNs(timesNs);
  for (let index = 0; index < timesNs.length; index++) {
    timesNs[index] = timesNs[index]! + Math.floor(stream.nextFloat() * resolution);
  }
}
