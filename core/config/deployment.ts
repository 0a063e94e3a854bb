import { InputError } from '#core/base/errors.ts';
import { allowedGpus, needGpu } from '#core/perf/hardware/find-gpu.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import { type HostTime, hostTime, startsKernels } from '#core/perf/host/host-time.ts';
import { DEFAULT_MEMORY_FRACTION, type MemoryOptions } from '#core/perf/memory/memory.ts';
import { allowedModels, needModel } from '#core/perf/models/find-model.ts';
import type { ModelShape } from '#core/perf/models/model-shape.ts';
import { readModelConfig } from '#core/perf/models/read-model-config.ts';
import { type CaptureChoice, type CaptureFacts, graphsFor } from '#core/perf/pass/cuda-graphs.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { imbalanceFault } from '#core/perf/pass/expert-imbalance.ts';
import type { OwnGpu } from './gpu.ts';
import type { ParsedConfig } from './schema.ts';

type ParsedEngine = Omit<ParsedConfig['engine'], 'num_gpu_blocks'>;

/** The parts of a config that say what workers that are alike compute on what. */
export interface WorkerParts {
  readonly model?: ParsedConfig['model'];
  readonly cluster: Pick<ParsedConfig['cluster'], 'gpu'>;
  readonly engine: ParsedEngine;
}

/** The config as if one pool were all of it, which names model and GPU where its timing needs them. */
export function deploymentOf({ model, cluster, engine }: WorkerParts): Deployment {
  const shape = modelOf(model);
  const gpu = gpuOf(cluster.gpu);
  refuseImbalance(shape, engine.expert_imbalance);
  const graphs = graphsFor(captureChoiceOf(engine), captureFactsOf(engine, gpu));
  return {
    gpu,
    model: shape,
    engine: engine.backend,
    tensorParallel: engine.tensor_parallel_size,
    pipelineParallel: engine.pipeline_parallel_size,
    dataParallel: engine.data_parallel_size,
    expertParallel: engine.expert_parallel_size,
    expertImbalance: engine.expert_imbalance,
    quantization: engine.quantization ?? shape.quantization ?? 'bf16',
    kvFormat: engine.kv_cache_dtype === 'fp8' ? 'fp8' : 'bf16',
    ...(graphs !== undefined && { graphs }),
  };
}

function refuseImbalance(model: ModelShape, imbalance: number): void {
  const fault = imbalanceFault(model, imbalance);
  if (fault === undefined) return;
  const path = 'engine.expert_imbalance';
  const { why, allowed } = fault;
  throw new InputError('config_invalid', why, { path, received: imbalance, allowed });
}

function captureChoiceOf({ enforce_eager, cudagraph_capture_sizes }: ParsedEngine): CaptureChoice {
  return enforce_eager ? 'none' : cudagraph_capture_sizes;
}

/** What decides about the CUDA graphs of an engine. */
export function captureFactsOf(engine: ParsedEngine, gpu: Gpu): CaptureFacts {
  const { backend, tensor_parallel_size, max_num_seqs, backend_version: version } = engine;
  return {
    engine: backend,
    gpu,
    tensorParallel: tensor_parallel_size,
    maxNumSeqs: max_num_seqs,
    startsKernels: version !== undefined && startsKernels({ engine: backend, version }),
  };
}

/** How an engine shares out the memory of a GPU, for requests as long as may be. */
export function memoryOptionsOf(engine: ParsedEngine): MemoryOptions {
  const { backend, chunked_prefill_size, max_num_batched_tokens, max_model_len } = engine;
  return {
    maxBatchedTokens: backend === 'sglang' ? chunked_prefill_size : max_num_batched_tokens,
    memoryFraction: engine.gpu_memory_utilization ?? DEFAULT_MEMORY_FRACTION[backend],
    ...(max_model_len !== undefined && { requestTokens: max_model_len }),
  };
}

/** What the engine of a deployment takes for a pass beside its kernels. */
export function hostTimeOf(
  { engine, model, tensorParallel }: Deployment,
  version?: string,
): HostTime {
  return hostTime({
    engine,
    samples: true,
    vocabulary: model.vocabulary,
    layers: model.layers,
    tensorParallel,
    ...(version !== undefined && { version }),
  });
}

function modelOf(model: ParsedConfig['model']): ModelShape {
  const { name, config } = model ?? {};
  if (typeof config === 'string') {
    throw new InputError('config_invalid', 'names a file that nobody has read', {
      path: 'model.config',
      received: config,
      allowed: 'here the content of the file; the command line takes its name too',
    });
  }
  if (config !== undefined) return readContent(config, name ?? 'own');
  if (name !== undefined) return needModel(name, 'model.name', 'any with model.config');
  const { allowed, remedy } = allowedModels('model.config with a config.json');
  throw new InputError('config_invalid', 'missing', {
    path: 'model.name',
    allowed,
    remedy: `engine.timing.type model needs to know the model; ${remedy}`,
  });
}

/** A config.json that stands in the config: its fields are keys of the config. */
function readContent(content: unknown, name: string): ModelShape {
  try {
    return readModelConfig(content, name);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { path = '' } = error.place;
    throw new InputError(error.code, error.problem, {
      ...error.data,
      path: `model.config.${path}`,
    });
  }
}

function gpuOf(gpu: ParsedConfig['cluster']['gpu']): Gpu {
  if (typeof gpu === 'object') return ownGpu(gpu);
  const instead = 'a mapping of what your own can do';
  if (gpu !== undefined) return needGpu(gpu, 'cluster.gpu', instead);
  const { allowed, remedy } = allowedGpus(instead);
  throw new InputError('config_invalid', 'missing', {
    path: 'cluster.gpu',
    allowed,
    remedy: `engine.timing.type model needs to know the GPU; ${remedy}`,
  });
}

const GIB = 2 ** 30;
const GIGA = 1e9;
const TERA = 1e12;

function ownGpu(own: OwnGpu): Gpu {
  const { name, fp8_tflops, int8_tflops, fp4_tflops } = own;
  return {
    name,
    title: name,
    architecture: own.architecture,
    memoryBytes: own.memory_gib * GIB,
    memoryBytesPerS: own.memory_gb_s * GIGA,
    flopsPerS: {
      bf16: own.bf16_tflops * TERA,
      ...(fp8_tflops !== undefined && { fp8: fp8_tflops * TERA }),
      ...(int8_tflops !== undefined && { int8: int8_tflops * TERA }),
      ...(fp4_tflops !== undefined && { fp4: fp4_tflops * TERA }),
    },
    processors: own.processors,
    linkBytesPerS: own.link_gb_s * GIGA,
    nicBytesPerS: own.nic_gb_s * GIGA,
    gpusPerNode: own.gpus_per_node,
    usdPerHour: 0,
    idleW: 0,
    peakW: 0,
    source: 'the config',
  };
}
