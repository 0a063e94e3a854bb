import { InputError } from '#core/base/errors.ts';
import { fittingChanges, lackText, missingBytes } from '#core/perf/memory/fitting.ts';
import { kvBlocks, planMemory } from '#core/perf/memory/memory.ts';
import { type Deployment, gpusOf } from '#core/perf/pass/deployment.ts';
import { findUneven, type Uneven } from '#core/perf/pass/uneven.ts';
import { deploymentOf, memoryOptionsOf, type WorkerParts } from './deployment.ts';
import { passPartsOf } from './pass-parts.ts';
import type { Locate } from './problems.ts';
import type { ParsedConfig, ValidatedConfig } from './schema.ts';
import { valueAtPath } from './written.ts';

export const BLOCKS_KEY = 'engine.num_gpu_blocks';

/** What `engine.num_gpu_blocks` is where nobody reads it. */
const UNREAD_BLOCKS = 16_384;

const AXIS_KEYS: Readonly<Record<Uneven['axis'], string>> = {
  tensor: 'engine.tensor_parallel_size',
  pipeline: 'engine.pipeline_parallel_size',
  data: 'engine.data_parallel_size',
  expert: 'engine.expert_parallel_size',
};

/** Workers that are alike: the whole fleet, or a pool of it. */
interface Fleet extends WorkerParts {
  readonly engine: ParsedConfig['engine'];
  /** Where the fleet has keys of its own: `cluster.pools[0]`, or '' where it is the whole. */
  readonly place: string;
}

/** What model, GPU and layout make of workers; nothing where the config has said it. */
interface Size {
  readonly gpus?: number;
  readonly blocks?: number;
}

/**
 * Finds out what follows from the model, the GPU and how the one is laid out on the other, where
 * `engine.timing.type` is model: GPUs of a worker and, unless they were written, its KV blocks, each
 * pool by its own engine. Problems are added to the list: an unknown name, a layout that the model
 * does not allow, GPUs that were written differently, a model that does not fit.
 */
export function sizeWorkers(
  config: ParsedConfig,
  written: unknown,
  locate: Locate,
  problems: InputError[],
): ValidatedConfig {
  const sizeOf = (fleet: Fleet): Size => {
    try {
      return sizeOfFleet(fleet, written);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const problem = placed(error, fleet, written, locate);
      if (!problems.some(({ message }) => message === problem.message)) problems.push(problem);
      return {};
    }
  };
  const { engine, cluster } = config;
  const { pools, ...fleet } = cluster;
  const whole: Fleet = { ...config, place: '' };
  const { gpus, blocks } = pools === undefined ? sizeOf(whole) : {};
  return {
    ...withoutEmptyModel(config),
    engine: { ...engine, num_gpu_blocks: blocks ?? numberOf(engine.num_gpu_blocks) },
    cluster: {
      ...fleet,
      ...(gpus !== undefined && { gpus_per_worker: gpus }),
      ...(pools && { pools: pools.map((pool, at) => sizedPool(pool, at, whole, sizeOf)) }),
    },
  };
}

/** A section whose keys are all commented out says nothing. */
function withoutEmptyModel(config: ParsedConfig): ParsedConfig {
  const { model, ...rest } = config;
  return model === undefined || model.name !== undefined || model.config !== undefined
    ? config
    : rest;
}

/** A number that was written, or one that nobody reads. */
function numberOf(blocks: number | 'auto'): number {
  return blocks === 'auto' ? UNREAD_BLOCKS : blocks;
}

type ParsedPool = NonNullable<ParsedConfig['cluster']['pools']>[number];
type SizedPool = NonNullable<ValidatedConfig['cluster']['pools']>[number];

function sizedPool(
  { engine: own, ...pool }: ParsedPool,
  at: number,
  whole: Fleet,
  sizeOf: (fleet: Fleet) => Size,
): SizedPool {
  const gpu = pool.gpu ?? whole.cluster.gpu;
  const { gpus, blocks } = sizeOf({
    ...whole,
    engine: { ...whole.engine, ...own },
    cluster: gpu === undefined ? {} : { gpu },
    place: `cluster.pools[${at}]`,
  });
  const sized = { ...pool, ...(gpus !== undefined && { gpus_per_worker: gpus }) };
  if (blocks === undefined && own === undefined) return sized;
  const { num_gpu_blocks, ...keys } = own ?? {};
  const number = blocks ?? (num_gpu_blocks && numberOf(num_gpu_blocks));
  return { ...sized, engine: { ...keys, ...(number !== undefined && { num_gpu_blocks: number }) } };
}

/** Throws an InputError whose path is that of a key of the whole config. */
function sizeOfFleet(fleet: Fleet, written: unknown): Size {
  const { engine } = fleet;
  if (engine.timing.type !== 'model') {
    if (engine.num_gpu_blocks !== 'auto') return {};
    throw new InputError('config_invalid', 'how many fit is known of a model on a GPU alone', {
      path: BLOCKS_KEY,
      received: 'auto',
      remedy: 'write a number, or set engine.timing.type to model',
    });
  }
  const deployment = deploymentOf(fleet);
  refuseUneven(deployment);
  const gpus = gpusOf(deployment);
  refuseOtherGpus(fleet, gpus, written);
  // A calibration without use is a problem of the config.
  passPartsOf(fleet);
  const blocks = valueAtPath(written, whereWritten(BLOCKS_KEY, fleet, written)) ?? 'auto';
  return blocks === 'auto' ? { gpus, blocks: blocksOf(deployment, engine) } : { gpus };
}

function refuseUneven(deployment: Deployment): void {
  const uneven = findUneven(deployment);
  if (uneven === undefined) return;
  const { axis, why, received, allowed, instead, nearest } = uneven;
  throw new InputError('config_invalid', `impossible: ${why}`, {
    path: AXIS_KEYS[axis],
    received,
    allowed,
    ...(instead && { remedy: `spread layers over nodes with ${AXIS_KEYS[instead]}` }),
    ...(nearest !== undefined && { remedy: `the nearest that works is ${nearest}` }),
  });
}

function refuseOtherGpus({ place, engine }: Fleet, gpus: number, written: unknown): void {
  const path = `${place === '' ? 'cluster' : place}.gpus_per_worker`;
  const given = valueAtPath(written, path);
  if (given === undefined || given === gpus) return;
  const { tensor_parallel_size: tp, pipeline_parallel_size: pp, data_parallel_size: dp } = engine;
  throw new InputError(
    'config_invalid',
    `impossible: the engine is laid out on ${gpus} (${tp} tensor × ${pp} pipeline × ${dp} data parallel)`,
    { path, received: given, remedy: `leave it out, or set it to ${gpus}` },
  );
}

/** KV blocks of one rank; a model must leave room for a block, or for a request as long as may be. */
function blocksOf(deployment: Deployment, engine: Fleet['engine']): number {
  const { block_size, max_model_len = block_size } = engine;
  const options = memoryOptionsOf(engine);
  const tokens = Math.ceil(max_model_len / block_size) * block_size;
  const missing = missingBytes(deployment, options, tokens);
  if (missing === 0) return kvBlocks(planMemory(deployment, options), block_size);
  const { tensorParallel, quantization } = fittingChanges(deployment, options, tokens);
  const changes = [
    ...(tensorParallel === undefined ? [] : [`engine.tensor_parallel_size to ${tensorParallel}`]),
    ...(quantization === undefined ? [] : [`engine.quantization to ${quantization}`]),
  ];
  const { model, gpu } = deployment;
  const what =
    engine.max_model_len === undefined ? '' : ` and a request of ${max_model_len} tokens`;
  throw new InputError(
    'model_too_large',
    `${model.name} does not fit on ${gpusOf(deployment)} × ${gpu.name}: ${lackText(missing)} for weights${what}`,
    {
      path: 'engine.tensor_parallel_size',
      received: engine.tensor_parallel_size,
      remedy:
        changes.length === 0
          ? 'no tensor parallelism or quantisation alone makes it fit'
          : `set ${changes.join(', or ')}`,
    },
  );
}

/** Where a key of the engine, or `cluster.gpu`, is written for a fleet: its own, or the section's. */
function whereWritten(path: string, { place }: Fleet, written: unknown): string {
  if (place === '') return path;
  const own = `${place}.${path.replace(/^cluster\./, '')}`;
  return valueAtPath(written, own) === undefined ? path : own;
}

/** The error where the user finds what it is about. */
function placed(error: InputError, fleet: Fleet, written: unknown, locate: Locate): InputError {
  const { path = '' } = error.place;
  const where = whereWritten(path, fleet, written);
  return new InputError(error.code, error.problem, {
    ...error.data,
    ...locate(where),
    path: where,
  });
}
