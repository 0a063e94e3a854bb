import type { HostTime } from '#core/perf/host/host-time.ts';
import { NO_REQUESTS, type PassSums } from '#core/perf/pass/pass-sums.ts';
import { PassPeaks } from './pass-peaks.ts';
import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/** Knots of the decode curve lie at means of 2^(i/2) tokens of context a request. */
const KNOTS_PER_OCTAVE = 2;
const OCTAVES = 21;
const KNOTS = KNOTS_PER_OCTAVE * OCTAVES + 1;
const CONTEXTS = Float64Array.from({ length: KNOTS }, (_, knot) => 2 ** (knot / KNOTS_PER_OCTAVE));

/** How long the kernels of a pass take. */
export interface KernelTime {
  ms(sums: PassSums): number;
}

/** What a pass takes beside its kernels. */
export type BesideKernels = Pick<HostTime, 'perPassMs' | 'perRequestMs'>;

export const NOTHING_BESIDE: BesideKernels = { perPassMs: 0, perRequestMs: 0 };

/**
 * A model on a GPU, and what its engine takes beside the kernels. The decode part is read off a line
 * between knots of context, spaced by a factor of √2 for each number of requests, so that a leap adds
 * passes in closed form; what a mixed pass takes beyond its decode part is its prefill part.
 */
export class ModelTiming implements TimingModel {
  readonly #pass: KernelTime;
  readonly #beside: BesideKernels;
  readonly #peaks: PassPeaks;
  /** Times at the knots, by requests. */
  readonly #knots: Float64Array[] = [];
  readonly #sums: Mutable<PassSums> = { ...NO_REQUESTS };

  /** `peaks` is told of the largest passes. */
  constructor(
    pass: KernelTime,
    beside: BesideKernels = NOTHING_BESIDE,
    peaks: PassPeaks = new PassPeaks(),
  ) {
    this.#pass = pass;
    this.#beside = beside;
    this.#peaks = peaks;
  }

  prefillMs(shape: PassShape): number {
    const { prefillRequests, decodeRequests, decodeContextTokens, otherTokens } = shape;
    const requests = prefillRequests + decodeRequests;
    if (requests === 0 || (prefillRequests === 0 && otherTokens === undefined)) return 0;
    if (shape.prefillTokens > this.#peaks.prefillTokens) {
      this.#peaks.prefillTokens = shape.prefillTokens;
    }
    const { perPassMs, perRequestMs } = this.#beside;
    const whole = this.#pass.ms(shape) + perPassMs + perRequestMs * requests;
    if (decodeRequests === 0) return whole;
    return Math.max(0, whole - this.decodeMs(decodeRequests, decodeContextTokens));
  }

  decodeMs(requests: number, contextTokens: number): number {
    if (requests === 0) return 0;
    const knots = this.#knotsOf(requests);
    const place = Math.log2(Math.max(1, contextTokens / requests)) * KNOTS_PER_OCTAVE;
    const knot = Math.min(Math.max(0, Math.ceil(place) - 1), KNOTS - 2);
    const from = requests * CONTEXTS[knot]!;
    const slope = (knots[knot + 1]! - knots[knot]!) / (requests * CONTEXTS[knot + 1]! - from);
    return knots[knot]! + slope * (contextTokens - from);
  }

  decodeCurve(requests: number, out: DecodeCurve): void {
    out.clear();
    const knots = this.#knotsOf(requests);
    for (let knot = 0; knot < KNOTS - 1; knot++) {
      const from = requests * CONTEXTS[knot]!;
      const to = requests * CONTEXTS[knot + 1]!;
      const slope = (knots[knot + 1]! - knots[knot]!) / (to - from);
      const end = knot === KNOTS - 2 ? Number.POSITIVE_INFINITY : to;
      out.add(end, knots[knot]! - slope * from, slope, 0);
    }
  }

  #knotsOf(requests: number): Float64Array {
    const known = this.#knots[requests];
    if (known !== undefined) return known;
    const knots = new Float64Array(KNOTS);
    const beside = this.#beside.perPassMs + this.#beside.perRequestMs * requests;
    let least = 0;
    for (let knot = 0; knot < KNOTS; knot++) {
      // More context never takes less time, whatever the residuals of a fit say.
      least = Math.max(least, this.#kernelMs(requests, requests * CONTEXTS[knot]!));
      knots[knot] = least + beside;
    }
    this.#knots[requests] = knots;
    this.#peaks.decodeRequests = Math.max(this.#peaks.decodeRequests, requests);
    return knots;
  }

  #kernelMs(requests: number, contextTokens: number): number {
    this.#sums.decodeRequests = requests;
    this.#sums.decodeContextTokens = contextTokens;
    return this.#pass.ms(this.#sums);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
