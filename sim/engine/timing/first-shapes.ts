import type { DecodeCurve, PassShape, TimingModel } from './timing-model.ts';

/** Passes of more tokens than this are rarer than the shapes that they come in. */
const MOST_TOKENS = 65_536;

/**
 * Another model on an engine that prepares its kernels for a number of tokens when a pass first has
 * it: such a pass takes longer, by so much a token. Passes that only decode have few sizes and run
 * when the engine warms up. The one model that remembers: it belongs to one run, and all of its
 * workers share what has been prepared.
 */
export class FirstShapes implements TimingModel {
  readonly #model: TimingModel;
  readonly #msPerToken: number;
  /** By tokens of a pass: whether there was one. */
  readonly #seen = new Uint8Array(MOST_TOKENS + 1);

  constructor(model: TimingModel, msPerToken: number) {
    this.#model = model;
    this.#msPerToken = msPerToken;
  }

  prefillMs(shape: PassShape): number {
    const ms = this.#model.prefillMs(shape);
    const tokens = shape.prefillTokens + shape.decodeRequests;
    if (shape.prefillRequests === 0 || tokens > MOST_TOKENS || this.#seen[tokens] === 1) return ms;
    this.#seen[tokens] = 1;
    return ms + this.#msPerToken * tokens;
  }

  decodeMs(requests: number, contextTokens: number): number {
    return this.#model.decodeMs(requests, contextTokens);
  }

  decodeCurve(requests: number, out: DecodeCurve): void {
    this.#model.decodeCurve(requests, out);
  }
}
