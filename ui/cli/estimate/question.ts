import { readFileSync } from 'node:fs';
import { InputError } from '#core/base/errors.ts';
import { findGpu, nearestGpu } from '#core/perf/hardware/find-gpu.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import { GPUS } from '#core/perf/hardware/gpus.ts';
import { hostTime } from '#core/perf/host/host-time.ts';
import type { EngineName, KvFormat } from '#core/perf/kernels/kernel-fits.ts';
import { findModel, MODEL_NAMES, nearestModel } from '#core/perf/models/find-model.ts';
import type { ModelShape, Quantization } from '#core/perf/models/model-shape.ts';
import { readModelConfig } from '#core/perf/models/read-model-config.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import type { Load, LoadPoint } from '#sim/estimate/load-point.ts';
import { serverDefaults } from '#sim/estimate/server-defaults.ts';

/** Flags of `windtunnel estimate`, as commander hands them over. */
export interface QuestionFlags {
  readonly model?: string;
  readonly modelConfig?: string;
  readonly gpu?: string;
  readonly backend: EngineName;
  readonly engineVersion?: string;
  readonly tp: number;
  readonly pp: number;
  readonly dp: number;
  readonly ep: number;
  readonly quantization?: Quantization;
  readonly kvCacheDtype: KvFormat;
  readonly isl: number;
  readonly osl: number;
  readonly concurrency?: number;
  readonly requestRate?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  readonly gpuMemoryUtilization?: number;
  readonly requests?: number;
  readonly seed: number;
}

/** Requests a client, and at least: enough for a steady mean, few enough for an answer at once. */
const REQUESTS_PER_CLIENT = 3;
const LEAST_REQUESTS = 64;
const MOST_REQUESTS = 2048;
/** An open loop is flown for so long, as far as that many requests allow. */
const OPEN_SECONDS = 60;
const MOST_CLIENTS = 8192;
const DEFAULT_CONCURRENCY = 32;

/** What the flags ask. Throws an InputError that names the flag where something is unknown. */
export function questionOf(flags: QuestionFlags): LoadPoint {
  const deployment = deploymentOf(flags);
  refuseTooLong(deployment.model, flags);
  const server = serverDefaults(flags.backend, deployment.gpu);
  const load = loadOf(flags);
  return {
    deployment,
    server: {
      ...server,
      ...(flags.maxNumSeqs !== undefined && { maxNumSeqs: flags.maxNumSeqs }),
      ...(flags.maxNumBatchedTokens !== undefined && {
        maxBatchedTokens: flags.maxNumBatchedTokens,
      }),
      ...(flags.gpuMemoryUtilization !== undefined && {
        memoryFraction: flags.gpuMemoryUtilization,
      }),
    },
    host: hostTime({
      engine: flags.backend,
      ...(flags.engineVersion !== undefined && { version: flags.engineVersion }),
      samples: true,
      layers: deployment.model.layers,
      tensorParallel: flags.tp,
    }),
    load,
    requests: flags.requests ?? requestsFor(load),
    isl: { kind: 'fixed', tokens: flags.isl },
    osl: { kind: 'fixed', tokens: flags.osl },
    seed: flags.seed,
  };
}

/** The same question at another concurrency. */
export function atConcurrency(point: LoadPoint, concurrency: number): LoadPoint {
  const load: Load = { kind: 'closed', concurrency, start: 'spread' };
  return { ...point, load, requests: requestsFor(load) };
}

function requestsFor(load: Load): number {
  const wanted =
    load.kind === 'closed'
      ? REQUESTS_PER_CLIENT * load.concurrency
      : load.kind === 'open'
        ? Math.round(OPEN_SECONDS * load.requestRate)
        : 0;
  return Math.min(MOST_REQUESTS, Math.max(LEAST_REQUESTS, wanted));
}

function loadOf({ concurrency, requestRate }: QuestionFlags): Load {
  if (concurrency !== undefined && concurrency > MOST_CLIENTS) {
    throw new InputError('usage', 'one replica is asked for', {
      path: '--concurrency',
      received: concurrency,
      allowed: `up to ${MOST_CLIENTS}`,
      remedy: 'divide the clients by the replicas',
    });
  }
  if (requestRate === undefined) {
    return { kind: 'closed', concurrency: concurrency ?? DEFAULT_CONCURRENCY, start: 'spread' };
  }
  if (concurrency === undefined) return { kind: 'open', requestRate, arrivals: 'poisson' };
  throw new InputError('usage', 'a load is closed or open', {
    path: '--concurrency',
    remedy: 'leave out --concurrency or --request-rate',
  });
}

/** Flags that say which model runs on what. */
export type DeploymentFlags = Pick<
  QuestionFlags,
  | 'model'
  | 'modelConfig'
  | 'gpu'
  | 'backend'
  | 'tp'
  | 'pp'
  | 'dp'
  | 'ep'
  | 'quantization'
  | 'kvCacheDtype'
>;

/** Throws an InputError that names the flag where something is unknown or cannot be shared evenly. */
export function deploymentOf(flags: DeploymentFlags): Deployment {
  const model = modelOf(flags);
  const gpu = gpuOf(flags.gpu);
  const { tp, pp, dp, ep, backend } = flags;
  refuseUneven(model, tp, ep, dp);
  refuseBeyondNode(gpu, tp);
  return {
    gpu,
    model,
    engine: backend,
    tensorParallel: tp,
    pipelineParallel: pp,
    dataParallel: dp,
    expertParallel: ep,
    quantization: flags.quantization ?? model.quantization ?? 'bf16',
    kvFormat: flags.kvCacheDtype,
  };
}

function refuseUneven(
  { attention, experts, name }: ModelShape,
  tp: number,
  ep: number,
  dp: number,
) {
  if (attention.heads % tp !== 0) {
    throw new InputError(
      'usage',
      `the ${attention.heads} heads of ${name} cannot be shared evenly`,
      {
        path: '--tp',
        received: tp,
        allowed: `a divisor of ${attention.heads}`,
      },
    );
  }
  if (ep > 1 && (experts === undefined || (tp * dp) % ep !== 0)) {
    throw new InputError('usage', 'experts are dealt out to the GPUs that serve them together', {
      path: '--ep',
      received: ep,
      allowed: experts === undefined ? '1: this model has no experts' : `a divisor of ${tp * dp}`,
    });
  }
  if (dp > 1 && experts === undefined) {
    throw new InputError(
      'usage',
      'ranks with attention of their own share the experts of a model',
      {
        path: '--dp',
        received: dp,
        allowed: '1: this model has no experts',
        remedy: 'estimate one replica; they do not help each other',
      },
    );
  }
}

function refuseBeyondNode({ name, gpusPerNode }: Gpu, tp: number) {
  if (tp <= gpusPerNode) return;
  throw new InputError('usage', `a node has ${gpusPerNode} × ${name}`, {
    path: '--tp',
    received: tp,
    allowed: `up to ${gpusPerNode}`,
    remedy: 'spread layers over nodes with --pp',
  });
}

function refuseTooLong({ name, maxContext }: ModelShape, { isl, osl }: QuestionFlags) {
  if (maxContext === undefined || isl + osl <= maxContext) return;
  throw new InputError('usage', `${name} takes ${maxContext} tokens`, {
    path: '--isl',
    received: isl,
    allowed: `up to ${maxContext - osl} with --osl ${osl}`,
  });
}

function modelOf({ model, modelConfig }: DeploymentFlags): ModelShape {
  if (modelConfig !== undefined) {
    return readModelConfig(readJson(modelConfig), model ?? modelConfig, modelConfig);
  }
  if (model === undefined) {
    throw new InputError('usage', 'which model?', {
      path: '--model',
      allowed: 'a name, or --model-config with a config.json',
    });
  }
  const known = findModel(model);
  if (known !== undefined) return known;
  const nearest = nearestModel(model);
  throw new InputError('model_unknown', 'no built-in model has that name', {
    path: '--model',
    received: model,
    allowed: `one of ${MODEL_NAMES.length} built-in ones, or --model-config FILE`,
    ...(nearest !== undefined && { nearest }),
  });
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError('input_missing', (error as Error).message, {
      path: '--model-config',
      received: path,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError('model_invalid', `no JSON: ${(error as Error).message}`, { file: path });
  }
}

function gpuOf(name: string | undefined): Gpu {
  const known = name === undefined ? undefined : findGpu(name);
  if (known !== undefined) return known;
  const nearest = name === undefined ? undefined : nearestGpu(name);
  throw new InputError('gpu_unknown', 'which GPU?', {
    path: '--gpu',
    ...(name !== undefined && { received: name }),
    allowed: GPUS.map((gpu) => gpu.name).join(', '),
    ...(nearest !== undefined && { nearest }),
  });
}
