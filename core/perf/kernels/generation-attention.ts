import type { Gpu } from '../hardware/gpu.ts';
import type { AttentionHeads } from './context-attention.ts';
import { type Axis, ResidualGrid } from './residual-grid.ts';

/** em, t0 (ms), a (ms), hb (ms), ec, tw (ms), q, p. */
export interface GenerationAttentionFit {
  readonly c: readonly number[];
  readonly grid?: readonly number[];
}

const LOG_S: Axis = { first: 1, last: 17, count: 8 };
const LOG_BKV: Axis = { first: 0, last: 12, count: 6 };
const LOG_GROUP: Axis = { first: 0, last: 4, count: 2 };

/**
 * Time of one layer's attention of requests that decode a token each, over their contexts:
 * t0 + a·m/(m + hb) + ((m/em)^p + (c/ec)^p)^(1/p) + tw · max(0, requests·kvHeads/processors − q),
 * with m the time that reading keys and values takes at full bandwidth and c that of the operations.
 * Source: as for products.
 */
export class GenerationAttentionTime {
  readonly #gpu: Gpu;
  readonly #heads: AttentionHeads;
  readonly #kvBytes: number;
  readonly #c: readonly number[];
  readonly #residual: ResidualGrid | undefined;

  /** `kvBytes`: of one element of a key or value. */
  constructor(gpu: Gpu, heads: AttentionHeads, kvBytes: number, fit: GenerationAttentionFit) {
    this.#gpu = gpu;
    this.#heads = heads;
    this.#kvBytes = kvBytes;
    this.#c = fit.c;
    this.#residual = fit.grid && new ResidualGrid([LOG_S, LOG_BKV, LOG_GROUP], fit.grid);
  }

  /** Milliseconds for `requests` requests with `context` tokens in all. */
  ms(requests: number, context: number): number {
    if (requests === 0) return 0;
    const { heads, kvHeads, headDim } = this.#heads;
    const [memoryShare, floorMs, rampMs, halfMs, computeShare, tileMs, freeTiles, norm] = this
      .#c as [number, number, number, number, number, number, number, number];
    const bytes = 4 * requests * heads * headDim + 2 * kvHeads * context * headDim * this.#kvBytes;
    const memory = (bytes * 1000) / this.#gpu.memoryBytesPerS;
    const compute = (4 * heads * headDim * context * 1000) / this.#gpu.flopsPerS.bf16;
    const busy = ((memory / memoryShare) ** norm + (compute / computeShare) ** norm) ** (1 / norm);
    const tiles = (requests * kvHeads) / this.#gpu.processors - freeTiles;
    const formula =
      floorMs + (rampMs * memory) / (memory + halfMs) + busy + tileMs * Math.max(0, tiles);
    if (this.#residual === undefined) return formula;
    const length = Math.log2(context / requests);
    return (
      formula *
      this.#residual.factor(length, Math.log2(requests * kvHeads), Math.log2(heads / kvHeads))
    );
  }
}
