import { z } from 'zod';
import { QUANTIZATIONS } from '#core/perf/models/model-shape.ts';
import { count, describe } from './describe.ts';

/** How the model of `engine.timing.type: model` is laid out on the GPUs of a worker. */
export const layoutKeys = {
  tensor_parallel_size: describe(count().max(64).default(1), {
    effect: 'GPUs that share the matrices and the attention of each layer.',
    unit: 'GPUs',
    source: 'vLLM --tensor-parallel-size',
  }),
  pipeline_parallel_size: describe(count().max(64).default(1), {
    effect: 'Stages that the layers are dealt out to.',
    unit: 'stages',
    source: 'vLLM --pipeline-parallel-size',
  }),
  expert_parallel_size: describe(count().max(1024).default(1), {
    effect: 'Groups of GPUs that the experts of each layer are dealt out to.',
    unit: 'groups',
    source: 'SGLang --expert-parallel-size, vLLM --enable-expert-parallel',
  }),
  expert_imbalance: describe(z.number().min(1).max(1024).default(1), {
    effect:
      'Load of the most popular expert of a layer over that of the mean one, as balancers of experts log it. 1 is even; the more, the longer everybody waits for the busiest of the groups that experts are dealt out to, and the fewer experts a small batch visits.',
    unit: '× mean',
  }),
};

/** How the engine runs the kernels of a pass. */
export const kernelKeys = {
  cudagraph_capture_sizes: describe(
    z
      .union([z.enum(['auto', 'any']), z.array(count().max(65_536)).min(1).max(1024)])
      .default('auto'),
    {
      effect:
        'Tokens of the passes that the engine has captured as CUDA graphs. A smaller batch is filled up to the next size; a larger one, and in SGLang and TensorRT-LLM one with prompts, is eager: the host starts its kernels one by one. auto is the list of the engine itself, any fills nothing up.',
      source:
        'vLLM cudagraph_capture_sizes, SGLang --cuda-graph-bs, TensorRT-LLM cuda_graph_config.batch_sizes',
    },
  ),
  enforce_eager: describe(z.boolean().default(false), {
    effect: 'Captures nothing: the host starts the kernels of every pass.',
    source: 'vLLM --enforce-eager, SGLang --disable-cuda-graph',
  }),
};

/** In which formats the model of `engine.timing.type: model` is stored and computed. */
export const formatKeys = {
  dtype: describe(z.enum(['auto', 'bf16', 'fp16']).default('auto'), {
    effect:
      'Format of activations and of matrices that are not quantised. Both formats are of 16 bit and take the same time and memory.',
    source: 'vLLM --dtype',
  }),
  quantization: describe(z.enum(QUANTIZATIONS).exactOptional(), {
    effect: 'How matrices are stored and multiplied.',
    source: 'vLLM --quantization',
    whenAbsent: 'as the config.json of the model says, or bf16',
  }),
  kv_cache_dtype: describe(z.enum(['auto', 'bf16', 'fp8']).default('auto'), {
    effect: 'Format of the KV cache; auto is that of activations.',
    source: 'vLLM --kv-cache-dtype',
  }),
  gpu_memory_utilization: describe(z.number().min(0.01).max(1).exactOptional(), {
    effect:
      'Share of GPU memory that the engine may use, or, in TensorRT-LLM, of what weights and activations leave. Where num_gpu_blocks is auto it decides how many there are.',
    source:
      'vLLM --gpu-memory-utilization, SGLang --mem-fraction-static, TensorRT-LLM free_gpu_memory_fraction',
    whenAbsent: "the engine's own: 0.9, 0.88 with SGLang",
  }),
  backend_version: describe(
    z
      .string()
      .regex(/^\d+(\.\d+)+([-.+]?[a-z][\w.+-]*)?$/)
      .exactOptional(),
    {
      effect: 'Version of the engine, such as "0.11.1", for what its host takes beside the GPU.',
      allowed:
        'a version in quotes: numbers with dots between them, as "0.11.1", and what a build adds, as "0.11.1rc2"',
      whenAbsent: 'the newest',
    },
  ),
};

/** What the user has measured of the deployment that `engine.timing.type: model` times. */
export const measuredKeys = {
  calibration: describe(z.union([z.string(), z.record(z.string(), z.unknown())]).exactOptional(), {
    effect:
      'What windtunnel calibrate has fitted to measurements of your own: the name of the file, relative to this one, or its content.',
    whenAbsent: 'the constants that are fitted to published measurements',
  }),
};

/** The keys of the engine that only `engine.timing.type: model` reads. */
export const MODEL_KEYS: readonly string[] = Object.keys({
  ...layoutKeys,
  ...kernelKeys,
  ...formatKeys,
  ...measuredKeys,
}).sort();
