import type { Gpu } from '../hardware/gpu.ts';
import type { Quantization } from '../models/model-shape.ts';
import { QUANTIZATION_FACTS } from '../models/quantization.ts';
import { type Axis, ResidualGrid } from './residual-grid.ts';

/** Coefficients of a fit: shares of the peaks that are reached, a floor, the quantise kernel. */
export interface GemmFit {
  /** ec, em (shares of peak compute and bandwidth), t0 (ms), qb (bytes a quantised element costs). */
  readonly c: readonly number[];
  readonly grid?: readonly number[];
  /** One core loads and computes in turn: the two times add up instead of hiding each other. */
  readonly inTurn?: true;
}

const LOG_M: Axis = { first: 0, last: 15, count: 6 };
const LOG_NK: Axis = { first: 5, last: 16, count: 4 };

/**
 * Time of matrix products on one GPU:
 * max(2mnk / (peak·ec), (activations·mk + weights·nk + 2·mn bytes) / (bandwidth·em)) + t0 + qb·m·k / bandwidth,
 * times the residual of the fit. `qb` is what quantising the activations costs, and is left out where
 * their scale is known beforehand (`fp8_static`) or the engine fuses it. Formula and coefficients:
 * own fits of the Apache-2.0 kernel measurements of NVIDIA AIConfigurator.
 */
export class GemmTime {
  readonly #flopsPerMs: number;
  readonly #bytesPerMs: number;
  readonly #memoryShare: number;
  readonly #floorMs: number;
  readonly #quantiseMs: number;
  readonly #weightBytes: number;
  readonly #activationBytes: number;
  readonly #residual: ResidualGrid | undefined;
  readonly #inTurn: boolean;

  constructor(gpu: Gpu, quantization: Quantization, fit: GemmFit) {
    const { weightBytes, activationBytes, computes } = QUANTIZATION_FACTS[quantization];
    const [computeShare, memoryShare, floorMs, quantiseBytes] = fit.c as [
      number,
      number,
      number,
      number,
    ];
    this.#flopsPerMs = ((gpu.flopsPerS[computes] ?? gpu.flopsPerS.bf16) / 1000) * computeShare;
    this.#bytesPerMs = gpu.memoryBytesPerS / 1000;
    this.#memoryShare = memoryShare;
    this.#floorMs = floorMs;
    this.#quantiseMs = quantiseBytes / this.#bytesPerMs;
    this.#weightBytes = weightBytes;
    this.#activationBytes = activationBytes;
    this.#inTurn = fit.inTurn === true;
    this.#residual = fit.grid && new ResidualGrid([LOG_M, LOG_NK, LOG_NK], fit.grid);
  }

  /** Milliseconds of an m·k by k·n product; 0 without rows. */
  ms(m: number, n: number, k: number): number {
    if (m === 0) return 0;
    const compute = (2 * m * n * k) / this.#flopsPerMs;
    const bytes = this.#weightBytes * n * k + this.#activationBytes * m * k + 2 * m * n;
    const memory = bytes / (this.#bytesPerMs * this.#memoryShare);
    const busy = this.#inTurn ? compute + memory : Math.max(compute, memory);
    const formula = busy + this.#floorMs + this.#quantiseMs * m * k;
    if (this.#residual === undefined) return formula;
    return formula * this.#residual.factor(Math.log2(m), Math.log2(n), Math.log2(k));
  }
}
