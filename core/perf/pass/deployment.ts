import type { Gpu } from '../hardware/gpu.ts';
import type { EngineName, KvFormat } from '../kernels/kernel-fits.ts';
import type { ModelShape, Quantization } from '../models/model-shape.ts';
import type { CudaGraphs } from './cuda-graphs.ts';

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
  /** Load of a layer's most popular expert over the mean, from 1 to below their number; 1 where absent. */
  readonly expertImbalance?: number;
  readonly quantization: Quantization;
  readonly kvFormat: KvFormat;
  /** What the engine has captured; absent where passes take no notice: each as if captured as it is. */
  readonly graphs?: CudaGraphs;
}

/** Bytes of one element of the KV cache. */
export function kvElementBytes(format: KvFormat): number {
  return format === 'fp8' ? 1 : 2;
}

/** GPUs of one worker. */
export function gpusOf({ tensorParallel, pipelineParallel, dataParallel }: Deployment): number {
  return tensorParallel * pipelineParallel * dataParallel;
}
