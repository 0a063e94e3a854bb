import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/** A constant for the prefill part and one for the decode part of a pass, whichever it has. */
export class FixedTiming implements TimingModel {
  readonly #prefillMs: number;
  readonly #decodeMs: number;

  constructor(prefillMs: number, decodeMs: number) {
    this.#prefillMs = prefillMs;
    this.#decodeMs = decodeMs;
  }

  prefillMs(shape: PassShape): number {
    return shape.prefillRequests === 0 ? 0 : this.#prefillMs;
  }

  decodeMs(requests: number): number {
    return requests === 0 ? 0 : this.#decodeMs;
  }

  decodeCurve(_requests: number, out: DecodeCurve): void {
    out.clear();
    out.add(Number.POSITIVE_INFINITY, this.#decodeMs, 0, 0);
  }
}
