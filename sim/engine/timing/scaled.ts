import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';
import { secondsToNs, wholeNs } from './whole-ns.ts';

/**
 * Another model made faster: prefill by `speedup`, decode by `speedup · decodeSpeedup`. With
 * `rounded` what is scaled is whole nanoseconds, as in Dynamo 1.6.
 */
export class ScaledTiming implements TimingModel {
  readonly #model: TimingModel;
  readonly #prefillScale: number;
  readonly #decodeScale: number;
  readonly #rounded: boolean;

  constructor(model: TimingModel, speedup: number, decodeSpeedup: number, rounded: boolean) {
    this.#model = model;
    this.#rounded = rounded;
    this.#prefillScale = speedup;
    this.#decodeScale = speedup * decodeSpeedup;
  }

  prefillMs(shape: PassShape): number {
    return this.#scale(this.#model.prefillMs(shape), this.#prefillScale);
  }

  decodeMs(requests: number, contextTokens: number): number {
    return this.#scale(this.#model.decodeMs(requests, contextTokens), this.#decodeScale);
  }

  decodeCurve(requests: number, out: DecodeCurve): void {
    this.#model.decodeCurve(requests, out);
    for (let piece = 0; piece < out.pieces; piece++) {
      out.c0[piece] = out.c0[piece]! / this.#decodeScale;
      out.c1[piece] = out.c1[piece]! / this.#decodeScale;
      out.c2[piece] = out.c2[piece]! / this.#decodeScale;
    }
  }

  #scale(ms: number, scale: number): number {
    if (!this.#rounded) return ms / scale;
    return secondsToNs(wholeNs(ms) / NS_PER_S / scale) / NS_PER_MS;
  }
}
