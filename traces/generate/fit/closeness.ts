import { ksDistance, shapeDistance } from './distance.ts';
import type { HitCurve, Marginals } from './marginals.ts';

/** How close two traces are; what one of them has no data for is absent. */
export interface Closeness {
  /** Kolmogorov–Smirnov distances, 0 … 1. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly turns?: number;
  readonly thinkMs?: number;
  readonly gapsMs?: number;
  /** CV of the gaps, of the one and the other. */
  readonly gapCv?: readonly [number, number];
  /** The share of arrivals that lies in another part of the span. */
  readonly rateShape?: number;
  readonly hitCurve?: CurveDistance;
}

/** Differences of two hit-ratio curves over cache sizes at powers of two. */
export interface CurveDistance {
  readonly max: number;
  /** Cache size in blocks at which the difference is largest. */
  readonly maxAtBlocks: number;
  readonly mean: number;
  /** With a cache that holds everything, of the one and the other. */
  readonly ceilings: readonly [number, number];
}

/** Compares two traces. Curves are compared only where the traces are of similar length. */
export function closenessOf(one: Marginals, other: Marginals): Closeness {
  const sameLength = Math.abs(Math.log2(one.requests / other.requests)) <= 0.5;
  return {
    ...ks('inputTokens', one, other),
    ...ks('outputTokens', one, other),
    ...ks('turns', one, other),
    ...ks('thinkMs', one, other),
    ...ks('gapsMs', one, other),
    ...(one.gapCv !== undefined &&
      other.gapCv !== undefined && { gapCv: [one.gapCv, other.gapCv] as const }),
    ...(one.rateShape !== undefined &&
      other.rateShape !== undefined && {
        rateShape: shapeDistance(shares(one.rateShape), shares(other.rateShape)),
      }),
    ...(one.hitCurve !== undefined &&
      other.hitCurve !== undefined &&
      sameLength && { hitCurve: curveDistance(one.hitCurve, other.hitCurve) }),
  };
}

/** The largest and the mean difference of two curves, over powers of two up to the larger cache. */
export function curveDistance(one: HitCurve, other: HitCurve): CurveDistance {
  const largest = Math.max(one.at(-1)?.[0] ?? 0, other.at(-1)?.[0] ?? 0);
  let max = 0;
  let maxAtBlocks = 0;
  let sum = 0;
  let sizes = 0;
  for (let blocks = 1; blocks < 2 * largest; blocks *= 2) {
    const difference = Math.abs(ratioAt(one, blocks) - ratioAt(other, blocks));
    sum += difference;
    sizes++;
    if (difference <= max) continue;
    max = difference;
    maxAtBlocks = blocks;
  }
  const ceilings = [one.at(-1)?.[1] ?? 0, other.at(-1)?.[1] ?? 0] as const;
  return { max, maxAtBlocks, mean: sizes === 0 ? 0 : sum / sizes, ceilings };
}

/** The hit ratio at a size: linear in the logarithm of the size between two points. */
function ratioAt(curve: HitCurve, blocks: number): number {
  let below: readonly [number, number] = [1, curve[0]?.[1] ?? 0];
  for (const point of curve) {
    if (point[0] > blocks) {
      const along = Math.log(blocks / below[0]) / Math.log(point[0] / below[0]);
      return below[1] + along * (point[1] - below[1]);
    }
    below = point;
  }
  return below[1];
}

type Sample = 'inputTokens' | 'outputTokens' | 'turns' | 'thinkMs' | 'gapsMs';

function ks(key: Sample, one: Marginals, other: Marginals): Partial<Record<Sample, number>> {
  const distance = ksDistance(one[key], other[key]);
  return Number.isNaN(distance) ? {} : { [key]: distance };
}

/** Relative rates as shares of all arrivals. */
function shares(rates: readonly number[]): number[] {
  return rates.map((rate) => rate / rates.length);
}
