import type { Gpu } from '../hardware/gpu.ts';
import type { Experts, Quantization } from '../models/model-shape.ts';
import { QUANTIZATION_FACTS } from '../models/quantization.ts';
import { ExpertLoad } from './expert-load.ts';

/** Shares of the peaks that fused kernels of wide experts reach, and what starting them costs. */
const COMPUTE_SHARE = 0.68;
const MEMORY_SHARE = 0.815;
const FLOOR_MS = 0.012;

/** Experts of this width on a GPU reach half of the share of operations: their tiles are small. */
const HALF_WIDTH = 640;

/** How a layer's experts lie on GPUs. */
export interface ExpertPlacement {
  /** GPUs that each hold a part of every one of their experts' matrices. */
  readonly tensorParallel: number;
  /** Groups among which the experts are dealt out. */
  readonly expertParallel: number;
  /** Load of the most popular expert over the mean; 1 where tokens choose evenly. */
  readonly imbalance: number;
}

/**
 * Time of one layer's routed experts on one GPU of the busiest group, for which the others wait: the
 * larger of the operations and of reading the weights of those experts that anybody visits. Of E
 * experts, T tokens that each choose k at random visit E·(1 − (1 − 1/E)^(T·k)); where some are more
 * popular, `ExpertLoad` says what falls on the group. Shares and floor follow the Apache-2.0 measurements of NVIDIA
 * AIConfigurator for Mixtral, Qwen3 and gpt-oss on Hopper, within 15 % for the most part.
 */
export class ExpertsTime {
  readonly #perToken: number;
  readonly #hidden: number;
  /** Columns of an expert's matrices that lie on one GPU. */
  readonly #width: number;
  readonly #load: ExpertLoad;
  readonly #flopsPerMs: number;
  readonly #bytesPerMs: number;
  readonly #weightBytes: number;
  readonly #activationBytes: number;

  constructor(
    gpu: Gpu,
    quantization: Quantization,
    experts: Experts,
    hidden: number,
    placement: ExpertPlacement,
  ) {
    const { weightBytes, activationBytes, computes } = QUANTIZATION_FACTS[quantization];
    this.#perToken = experts.perToken;
    this.#hidden = hidden;
    const { tensorParallel, expertParallel, imbalance } = placement;
    const width = experts.intermediate / tensorParallel;
    this.#width = width;
    this.#load = new ExpertLoad(experts.count, expertParallel, imbalance);
    const share = (COMPUTE_SHARE * width) / (width + HALF_WIDTH);
    this.#flopsPerMs = ((gpu.flopsPerS[computes] ?? gpu.flopsPerS.bf16) / 1000) * share;
    this.#bytesPerMs = (gpu.memoryBytesPerS / 1000) * MEMORY_SHARE;
    this.#weightBytes = weightBytes;
    this.#activationBytes = activationBytes;
  }

  /** Milliseconds for so many tokens; 0 without any. */
  ms(tokens: number): number {
    if (tokens === 0) return 0;
    const width = this.#width;
    const matrix = 3 * this.#hidden * width;
    const visits = tokens * this.#perToken;
    const visited = this.#load.visited(visits);
    const local = visits * this.#load.busiestShare;
    const compute = (2 * local * matrix) / this.#flopsPerMs;
    const bytes =
      visited * matrix * this.#weightBytes +
      local * (this.#hidden + width) * (this.#activationBytes + 2);
    return Math.max(compute, bytes / this.#bytesPerMs) + FLOOR_MS;
  }
}
