import type { ComputeFormat } from '../hardware/gpu.ts';
import type { Quantization } from './model-shape.ts';

/** What a way of storing matrices costs and brings. */
export interface QuantizationFacts {
  /** Bytes of one weight, its share of the scales included. */
  readonly weightBytes: number;
  /** Bytes of one element of the activations that go into the multiplication. */
  readonly activationBytes: number;
  readonly computes: ComputeFormat;
}

export const QUANTIZATION_FACTS: Readonly<Record<Quantization, QuantizationFacts>> = {
  bf16: { weightBytes: 2, activationBytes: 2, computes: 'bf16' },
  fp8: { weightBytes: 1, activationBytes: 1, computes: 'fp8' },
  fp8_static: { weightBytes: 1, activationBytes: 1, computes: 'fp8' },
  fp8_block: { weightBytes: 1, activationBytes: 1, computes: 'fp8' },
  int8: { weightBytes: 1, activationBytes: 1, computes: 'int8' },
  int4: { weightBytes: 0.5 + 2 / 128, activationBytes: 2, computes: 'bf16' },
  nvfp4: { weightBytes: 9 / 16, activationBytes: 9 / 16, computes: 'fp4' },
  mxfp4: { weightBytes: 0.5 + 1 / 32, activationBytes: 2, computes: 'bf16' },
};
