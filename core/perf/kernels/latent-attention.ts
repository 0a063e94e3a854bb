import type { Gpu } from '../hardware/gpu.ts';
import type { LatentAttention } from '../models/model-shape.ts';

/** Shares of the peaks that latent-attention kernels reach, and what starting one costs. */
const COMPUTE_SHARE = 0.55;
const MEMORY_SHARE = 0.8;
const FLOOR_MS = 0.012;

/**
 * Time of one layer's multi-head latent attention. Prompts attend with keys and values unpacked,
 * decoding requests on the compressed vectors that all heads share. Source of the operations and
 * bytes: DeepSeek-V2 (arXiv 2405.04434) §2.1; the shares are round numbers, without a fit.
 */
export class LatentAttentionTime {
  readonly #gpu: Gpu;
  readonly #attention: LatentAttention;
  readonly #heads: number;
  readonly #kvBytes: number;

  /** `heads`: those that one GPU computes. `kvBytes`: of one element of the cache. */
  constructor(gpu: Gpu, attention: LatentAttention, heads: number, kvBytes: number) {
    this.#gpu = gpu;
    this.#attention = attention;
    this.#heads = heads;
    this.#kvBytes = kvBytes;
  }

  /** Milliseconds of prompts; see `ContextAttentionTime.ms`. */
  contextMs(requests: number, tokens: number, prefix: number, pairs: number): number {
    if (requests === 0) return 0;
    const { keyDim, ropeDim, valueDim, kvRank } = this.#attention;
    const width = keyDim + ropeDim + valueDim;
    const flops = 2 * pairs * this.#heads * width;
    const bytes =
      2 * tokens * this.#heads * width + (tokens + prefix) * (kvRank + ropeDim) * this.#kvBytes;
    return this.#ms(flops, bytes);
  }

  /** Milliseconds of decoding requests with `context` tokens in all. */
  generationMs(requests: number, context: number): number {
    if (requests === 0) return 0;
    const { kvRank, ropeDim } = this.#attention;
    const flops = 2 * context * this.#heads * (2 * kvRank + ropeDim);
    return this.#ms(flops, context * (kvRank + ropeDim) * this.#kvBytes);
  }

  #ms(flops: number, bytes: number): number {
    const compute = (flops * 1000) / (this.#gpu.flopsPerS.bf16 * COMPUTE_SHARE);
    const memory = (bytes * 1000) / (this.#gpu.memoryBytesPerS * MEMORY_SHARE);
    return Math.max(compute, memory) + FLOOR_MS;
  }
}
