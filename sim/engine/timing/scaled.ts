import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/**
 * Another model made faster: prefill by `speedup`, decode by `speedup · decodeSpeedup`. A ratio of 0
 * means unscaled (reference mocker.md §2.2).
 */
export class ScaledTiming implements TimingModel {
  readonly #model: TimingModel;
  readonly #prefillScale: number;
  readonly #decodeScale: number;

  constructor(model: TimingModel, speedup: number, decodeSpeedup: number) {
    this.#model = model;
    this.#prefillScale = speedup === 0 ? 1 : speedup;
    this.#decodeScale = this.#prefillScale * (decodeSpeedup === 0 ? 1 : decodeSpeedup);
  }

  prefillMs(shape: PassShape): number {
    return this.#model.prefillMs(shape) / this.#prefillScale;
  }

  decodeMs(requests: number, contextTokens: number): number {
    return this.#model.decodeMs(requests, contextTokens) / this.#decodeScale;
  }

  decodeCurve(requests: number, out: DecodeCurve): void {
    this.#model.decodeCurve(requests, out);
    for (let piece = 0; piece < out.pieces; piece++) {
      out.c0[piece] = out.c0[piece]! / this.#decodeScale;
      out.c1[piece] = out.c1[piece]! / this.#decodeScale;
      out.c2[piece] = out.c2[piece]! / this.#decodeScale;
    }
  }
}
