import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/** Coefficients in milliseconds; a context token of prefill is one that lay in the cache before. */
export interface LinearCoefficients {
  readonly baseMs: number;
  readonly perPrefillTokenMs: number;
  readonly perPrefillContextTokenMs: number;
  readonly perDecodeRequestMs: number;
  readonly perDecodeContextTokenMs: number;
}

/**
 * base + a·Σ chunk + b·Σ prefix + c·decoding requests + d·Σ context, over the exact
 * sums of the batch. Every pass pays the base once.
 */
export class LinearTiming implements TimingModel {
  readonly #c: LinearCoefficients;

  constructor(coefficients: LinearCoefficients) {
    this.#c = coefficients;
  }

  prefillMs(shape: PassShape): number {
    if (shape.prefillRequests === 0) return 0;
    const base = shape.decodeRequests === 0 ? this.#c.baseMs : 0;
    return (
      base +
      this.#c.perPrefillTokenMs * shape.prefillTokens +
      this.#c.perPrefillContextTokenMs * shape.prefixTokens
    );
  }

  decodeMs(requests: number, contextTokens: number): number {
    if (requests === 0) return 0;
    return (
      this.#c.baseMs +
      this.#c.perDecodeRequestMs * requests +
      this.#c.perDecodeContextTokenMs * contextTokens
    );
  }

  decodeCurve(requests: number, out: DecodeCurve): void {
    out.clear();
    const constant = this.#c.baseMs + this.#c.perDecodeRequestMs * requests;
    out.add(Number.POSITIVE_INFINITY, constant, this.#c.perDecodeContextTokenMs, 0);
  }
}
