import type { Gpu } from '../hardware/gpu.ts';
import type { EngineName, KvFormat } from '../kernels/kernel-fits.ts';
import type { ModelShape, Quantization } from '../models/model-shape.ts';

/** A model on the GPUs of one worker. */
export interface Deployment {
  readonly gpu: Gpu;
  readonly model: ModelShape;
  readonly engine: EngineName;
  /** GPUs that share each layer's attention and dense matrices. */
  readonly tensorParallel: number;
  /** Stages that the layers are dealt out to. */
  readonly pipelineParallel: number;
  /** Ranks with attention of their own; the experts serve them together. */
  readonly dataParallel: number;
  /** Groups that the experts of a layer are dealt out to. */
  readonly expertParallel: number;
  readonly quantization: Quantization;
  readonly kvFormat: KvFormat;
}

/** Bytes of one element of the KV cache. */
export function kvElementBytes(format: KvFormat): number {
  return format === 'fp8' ? 1 : 2;
}

/** GPUs of one worker. */
export function gpusOf({ tensorParallel, pipelineParallel, dataParallel }: Deployment): number {
  return tensorParallel * pipelineParallel * dataParallel;
}
