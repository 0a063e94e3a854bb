import { InputError } from '#core/base/errors.ts';
import { allowedGpus, needGpu } from '#core/perf/hardware/find-gpu.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import { startsKernels } from '#core/perf/host/host-time.ts';
import type { EngineName, KvFormat } from '#core/perf/kernels/kernel-fits.ts';
import { allowedModels, needModel } from '#core/perf/models/find-model.ts';
import type { ModelShape, Quantization } from '#core/perf/models/model-shape.ts';
import { readModelConfig } from '#core/perf/models/read-model-config.ts';
import {
  type CaptureChoice,
  type CudaGraphs,
  graphsFor,
  lacksGraphs,
} from '#core/perf/pass/cuda-graphs.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { imbalanceFault } from '#core/perf/pass/expert-imbalance.ts';
import { findUneven, type Uneven } from '#core/perf/pass/uneven.ts';
import { serverDefaults } from '#sim/estimate/server-defaults.ts';
import { readModelFile } from '../model-file.ts';

/** Flags that say which model runs on what, as commander hands them over. */
export interface DeploymentFlags {
  readonly model?: string;
  readonly modelConfig?: string;
  readonly gpu?: string;
  readonly backend: EngineName;
  readonly tp: number;
  readonly pp: number;
  readonly dp: number;
  readonly ep: number;
  readonly expertImbalance?: number;
  readonly cudagraphCaptureSizes: CaptureChoice;
  readonly enforceEager?: true;
  /** What the engine's host takes, and what it captures, depends on its version and its limits. */
  readonly engineVersion?: string;
  readonly maxNumSeqs?: number;
  readonly quantization?: Quantization;
  readonly kvCacheDtype: KvFormat;
}

const FLAG_OF_AXIS: Readonly<Record<Uneven['axis'], string>> = {
  tensor: '--tp',
  pipeline: '--pp',
  data: '--dp',
  expert: '--ep',
};

/**
 * The GPU of a file, where --gpu names one; undefined for a built-in one. What reads it is loaded then.
 */
export async function ownGpuOf({ gpu }: DeploymentFlags): Promise<Gpu | undefined> {
  if (gpu === undefined || !/\.(ya?ml|json)$/.test(gpu)) return undefined;
  const { readGpuFile } = await import('./gpu-file.ts');
  return readGpuFile(gpu);
}

/** Throws an InputError that names the flag where something is unknown or cannot be shared evenly. */
export function deploymentOf(flags: DeploymentFlags, ownGpu?: Gpu): Deployment {
  const model = modelOf(flags);
  const gpu = ownGpu ?? gpuOf(flags.gpu);
  const graphs = graphsOf(flags, gpu);
  const deployment: Deployment = {
    gpu,
    model,
    engine: flags.backend,
    tensorParallel: flags.tp,
    pipelineParallel: flags.pp,
    dataParallel: flags.dp,
    expertParallel: flags.ep,
    quantization: flags.quantization ?? model.quantization ?? 'bf16',
    kvFormat: flags.kvCacheDtype,
    ...(flags.expertImbalance !== undefined && { expertImbalance: flags.expertImbalance }),
    ...(graphs !== undefined && { graphs }),
  };
  refuseUneven(deployment);
  refuseImbalance(deployment);
  return deployment;
}

function graphsOf(flags: DeploymentFlags, gpu: Gpu): CudaGraphs | undefined {
  const { backend: engine, engineVersion: version, cudagraphCaptureSizes: sizes } = flags;
  const facts = {
    engine,
    gpu,
    tensorParallel: flags.tp,
    maxNumSeqs: flags.maxNumSeqs ?? serverDefaults(engine, gpu).maxNumSeqs,
    startsKernels: version !== undefined && startsKernels({ engine, version }),
  };
  const isTold = sizes !== 'auto';
  if (flags.enforceEager && isTold) throw idle('--cudagraph-capture-sizes', '--enforce-eager');
  if ((flags.enforceEager || isTold) && lacksGraphs(facts)) {
    const path = isTold ? '--cudagraph-capture-sizes' : '--enforce-eager';
    throw idle(path, 'this engine on this device, which captures nothing');
  }
  return graphsFor(flags.enforceEager ? 'none' : sizes, facts);
}

function idle(path: string, beside: string): InputError {
  return new InputError('usage', `it has no effect with ${beside}`, { path });
}

function refuseImbalance({ model, expertImbalance: received = 1 }: Deployment): void {
  const fault = imbalanceFault(model, received);
  if (fault === undefined) return;
  const { why, allowed } = fault;
  throw new InputError('usage', why, { path: '--expert-imbalance', received, allowed });
}

function refuseUneven(deployment: Deployment): void {
  const uneven = findUneven(deployment);
  if (uneven === undefined) return;
  const { axis, why, received, allowed, instead, nearest } = uneven;
  throw new InputError('usage', why, {
    path: FLAG_OF_AXIS[axis],
    received,
    allowed,
    ...(instead && { remedy: `spread layers over nodes with ${FLAG_OF_AXIS[instead]}` }),
    ...(nearest !== undefined && { remedy: `the nearest that works is ${nearest}` }),
  });
}

function modelOf({ model, modelConfig }: DeploymentFlags): ModelShape {
  if (modelConfig !== undefined) {
    if (model !== undefined) {
      throw new InputError('usage', 'a model is built in or has a config.json of its own', {
        path: '--model',
        received: model,
        remedy: 'leave out --model or --model-config',
      });
    }
    return readModelConfig(readModelFile(modelConfig), modelConfig, modelConfig);
  }
  if (model !== undefined) return needModel(model, '--model', '--model-config FILE');
  throw new InputError('usage', 'which model?', {
    path: '--model',
    ...allowedModels('--model-config with a config.json'),
  });
}

function gpuOf(name: string | undefined): Gpu {
  const instead = 'a .yaml of what your own can do';
  if (name !== undefined) return needGpu(name, '--gpu', instead);
  throw new InputError('usage', 'which GPU?', { path: '--gpu', ...allowedGpus(instead) });
}
