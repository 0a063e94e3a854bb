import type { Gpu } from '../hardware/gpu.ts';
import { type Axis, ResidualGrid } from './residual-grid.ts';

/** ec, em, t0 (ms), p, hs (tokens), wq, lat (ms a tile of 128 tokens). */
export interface ContextAttentionFit {
  readonly c: readonly number[];
  readonly grid?: readonly number[];
}

/** The part of an attention layer that one GPU computes. */
export interface AttentionHeads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

const LOG_S: Axis = { first: 0, last: 14, count: 8 };
const LOG_BN: Axis = { first: 0, last: 12, count: 6 };
const LOG_GROUP: Axis = { first: 0, last: 4, count: 2 };

/** Rows of a tile of queries. */
const TILE = 128;

/** A wave that leaves most processors idle is no worse than this. */
const WORST_WAVE = 20;

/**
 * Time of one layer's attention of prompts over themselves and over what the cache holds of them:
 * t0 + ((c/ec · (1 + hs/s) · wave^wq)^p + (m/em)^p)^(1/p) + lat · s/128,
 * with c the operations on the pairs that causality leaves, m the bytes of queries, outputs, keys
 * and values, and `wave` how unevenly the tiles fill the processors. A tile of a layer with a window
 * walks over no more than that, so that s is at most the window in c and in lat. Source: as for products.
 */
export class ContextAttentionTime {
  readonly #gpu: Gpu;
  readonly #heads: AttentionHeads;
  readonly #kvBytes: number;
  readonly #c: readonly number[];
  readonly #residual: ResidualGrid | undefined;

  /** `kvBytes`: of one element of a key or value. */
  constructor(gpu: Gpu, heads: AttentionHeads, kvBytes: number, fit: ContextAttentionFit) {
    this.#gpu = gpu;
    this.#heads = heads;
    this.#kvBytes = kvBytes;
    this.#c = fit.c;
    this.#residual = fit.grid && new ResidualGrid([LOG_S, LOG_BN, LOG_GROUP], fit.grid);
  }

  /**
   * Milliseconds of a pass with `requests` prompts of `tokens` new tokens in all behind `prefix`
   * tokens that lie in the cache; `pairs` = Σ chunk · (prefix + chunk / 2). With a `window` prefix and
   * pairs are those that it leaves.
   */
  ms(
    requests: number,
    tokens: number,
    prefix: number,
    pairs: number,
    window = Number.POSITIVE_INFINITY,
  ): number {
    if (requests === 0) return 0;
    const { heads, kvHeads, headDim } = this.#heads;
    const [computeShare, memoryShare, floorMs, norm, halfLength, waveWeight, tileMs] = this.#c as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const chunk = tokens / requests;
    const length = (tokens + prefix) / requests;
    const compute = (4 * pairs * heads * headDim * 1000) / this.#gpu.flopsPerS.bf16;
    const bytes =
      4 * tokens * heads * headDim + 2 * this.#kvBytes * (tokens + prefix) * kvHeads * headDim;
    const memory = (bytes * 1000) / this.#gpu.memoryBytesPerS / memoryShare;
    const tiles = (requests * heads * Math.ceil(chunk / TILE)) / this.#gpu.processors;
    const wave = Math.min(Math.ceil(tiles) / tiles, WORST_WAVE);
    const busy = (compute / computeShare) * (1 + halfLength / length) * wave ** waveWeight;
    const formula =
      floorMs +
      (busy ** norm + memory ** norm) ** (1 / norm) +
      (tileMs * Math.min(chunk, window)) / TILE;
    if (this.#residual === undefined) return formula;
    const group = Math.log2(heads / kvHeads);
    return formula * this.#residual.factor(Math.log2(length), Math.log2(requests * heads), group);
  }
}
