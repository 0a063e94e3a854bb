import { findGpu } from '../hardware/find-gpu.ts';
import { findModel } from '../models/find-model.ts';
import type { ModelShape } from '../models/model-shape.ts';
import type { Deployment } from './deployment.ts';

/** A model, a built-in one by its name, in bf16 on one GPU under vLLM, but for what is said otherwise. */
export function deploymentOn(
  gpu: string,
  model: string | ModelShape,
  changes: Partial<Deployment> = {},
): Deployment {
  return {
    gpu: findGpu(gpu)!,
    model: typeof model === 'string' ? findModel(model)! : model,
    engine: 'vllm',
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    expertParallel: 1,
    quantization: 'bf16',
    kvFormat: 'bf16',
    ...changes,
  };
}
