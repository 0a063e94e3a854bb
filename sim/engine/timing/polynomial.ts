import type { TimingHabits } from './timing-habits.ts';
import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/** Milliseconds against new tokens. */
export const PREFILL_POLYNOMIAL = { c0: 16.50142, c1: 1.518344e-2, c2: 4.209989e-7 };
const DECODE_C2 = -25.74;
const DECODE_C1 = 54.01;
const DECODE_C0 = 5.74;

/**
 * The default of NVIDIA Dynamo's mocker: prefill quadratic in the new tokens of the pass, decode
 * quadratic in the share of the KV pool that the decoding requests' contexts would fill. It knows
 * neither the batch's size nor a model or GPU. Observed on ai-dynamo 1.6.1.
 */
export class PolynomialTiming implements TimingModel {
  readonly #poolTokens: number;
  readonly #habits: TimingHabits;

  constructor(poolTokens: number, habits: TimingHabits) {
    this.#poolTokens = poolTokens;
    this.#habits = habits;
  }

  prefillMs(shape: PassShape): number {
    const requests = shape.prefillRequests;
    if (requests === 0) return 0;
    let tokens = shape.prefillTokens;
    if (this.#habits.flooredPrefillMeans) {
      const meanSpan = Math.floor((shape.prefillTokens + shape.prefixTokens) / requests);
      const meanPrefix = Math.floor(shape.prefixTokens / requests);
      tokens = requests * (meanSpan - meanPrefix);
    }
    if (tokens === 0) return 0;
    const { c0, c1, c2 } = PREFILL_POLYNOMIAL;
    return c2 * (tokens * tokens) + c1 * tokens + c0;
  }

  decodeMs(requests: number, contextTokens: number): number {
    if (requests === 0) return 0;
    const used = Math.min(1, contextTokens / this.#poolTokens);
    // Squared first: which of two nanoseconds is nearer often hangs on the last bit.
    return DECODE_C2 * (used * used) + DECODE_C1 * used + DECODE_C0;
  }

  decodeCurve(_requests: number, out: DecodeCurve): void {
    const pool = this.#poolTokens;
    out.clear();
    out.add(pool, DECODE_C0, DECODE_C1 / pool, DECODE_C2 / (pool * pool));
    out.add(Number.POSITIVE_INFINITY, DECODE_C2 + DECODE_C1 + DECODE_C0, 0, 0);
  }
}
