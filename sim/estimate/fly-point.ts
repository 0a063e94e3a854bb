import { InputError } from '#core/base/errors.ts';
import { msToNs } from '#core/base/time.ts';
import { DEFAULT_CLIENT, DEFAULT_CONFIG } from '#core/config/defaults.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { EngineName } from '#core/perf/kernels/kernel-fits.ts';
import { fittingChanges, lackText, missingBytes } from '#core/perf/memory/fitting.ts';
import {
  kvBlocks,
  type MemoryOptions,
  type MemoryPlan,
  planMemory,
} from '#core/perf/memory/memory.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { ModelTiming } from '../engine/timing/model.ts';
import { PassPeaks } from '../engine/timing/pass-peaks.ts';
import type { RunResult } from '../report/run-result.ts';
import { run } from '../run.ts';
import { longest, meanLength } from './lengths.ts';
import type { LoadPoint, ServerSettings } from './load-point.ts';
import { serverEngine } from './server-engine.ts';
import { drawTraffic } from './traffic.ts';

/** A flown point: what happened, and what it was flown with. */
export interface FlownPoint {
  readonly result: RunResult;
  /** Requests before the first that counts. */
  readonly warmUp: number;
  readonly memory: MemoryPlan;
  /** KV blocks of one rank. */
  readonly blocks: number;
  readonly pass: ForwardPass;
  readonly peaks: PassPeaks;
}

/**
 * Flies one worker under a point's load, with its engine's scheduler and the pass times of its
 * model. `pass` may be given where several points share a deployment. Throws an InputError with code
 * `model_too_large` where the weights do not fit, or not one request of the longest kind.
 */
export function flyPoint(
  point: LoadPoint,
  pass: ForwardPass = new ForwardPass(point.deployment),
): FlownPoint {
  const { server, deployment } = point;
  const memory = planMemory(deployment, memoryOptionsOf(point));
  const blocks = server.kvBlocks ?? kvBlocks(memory, server.blockSize);
  refuseTooLarge(point, blocks);
  const { batch, warmUp } = drawTraffic(point, blocks);
  const peaks = new PassPeaks();
  const result = run({
    config: configOf(point, blocks),
    seed: point.seed,
    batches: [batch],
    hasContent: point.distinctPrompts !== undefined,
    sessions: 0,
    // The last ones are there to keep others company.
    enoughRequests: warmUp + point.requests,
    timing: new ModelTiming(pass, point.host, peaks),
    frontendNs: msToNs(point.host.frontendMs),
  });
  return { result, warmUp, memory, blocks, pass, peaks };
}

function refuseTooLarge(point: LoadPoint, blocks: number): void {
  const { deployment, isl, osl, server } = point;
  const needed = Math.ceil((longest(isl) + longest(osl)) / server.blockSize);
  if (blocks >= needed) return;
  const { model, gpu, tensorParallel, quantization } = deployment;
  const options = memoryOptionsOf(point);
  const tokens = needed * server.blockSize;
  const lack =
    server.kvBlocks === undefined
      ? `${lackText(missingBytes(deployment, options, tokens))} for weights and one request`
      : `one request takes ${needed} KV blocks of ${blocks}`;
  const fitting = fittingChanges(deployment, options, tokens);
  const changes = [
    ...(fitting.tensorParallel === undefined
      ? []
      : [`tensor parallelism ${fitting.tensorParallel}`]),
    ...(fitting.quantization === undefined ? [] : [`quantization ${fitting.quantization}`]),
  ];
  throw new InputError(
    'model_too_large',
    `${model.name} does not fit on ${tensorParallel} × ${gpu.name}: ${lack}`,
    {
      received: `tensor parallelism ${tensorParallel}, ${quantization}`,
      remedy:
        changes.length === 0
          ? 'no tensor parallelism or quantisation alone makes it fit'
          : `it fits with ${changes.join(', or ')}`,
    },
  );
}

function memoryOptionsOf({ server, isl, osl }: LoadPoint): MemoryOptions {
  const { maxBatchedTokens, memoryFraction } = server;
  const requestTokens = Math.round(meanLength(isl) + meanLength(osl));
  return { maxBatchedTokens, memoryFraction, requestTokens };
}

/** The values are checked where they come from, and here what they must not be together. */
function configOf(point: LoadPoint, blocks: number): ResolvedConfig {
  const { deployment, server, load, clientTimeoutMs } = point;
  const { cluster, engine, router, workload } = DEFAULT_CONFIG;
  const backend = schedulerOf(deployment.engine, server);
  if (backend === 'sglang') refuseBrokenPages(server);
  return {
    ...DEFAULT_CONFIG,
    cluster: { ...cluster, workers: 1 },
    engine: {
      ...engine,
      ...serverEngine(backend, server, blocks),
      data_parallel_size: deployment.dataParallel,
    },
    router: { ...router, mode: 'round_robin' },
    workload: {
      ...workload,
      ...(point.distinctPrompts !== undefined && { trace_block_size: server.blockSize }),
      ...(load.kind === 'closed' && { concurrency: load.concurrency }),
      ...(load.kind === 'open' &&
        load.maxConcurrency !== undefined && { max_concurrency: load.maxConcurrency }),
      ...(clientTimeoutMs !== undefined && {
        client: { ...DEFAULT_CLIENT, timeout_ms: clientTimeoutMs },
      }),
    },
  };
}

/** SGLang's scheduler is the one that computes prompts first, and vLLM's the one that mixes. */
function schedulerOf(
  engine: EngineName,
  { promptsFirst, mixesPrompts }: ServerSettings,
): EngineName {
  if (promptsFirst) return 'sglang';
  return mixesPrompts ? 'vllm' : engine;
}

/** SGLang computes prompts in whole pages. */
function refuseBrokenPages({ maxBatchedTokens, blockSize }: ServerSettings): void {
  if (maxBatchedTokens % blockSize === 0) return;
  throw new InputError('usage', 'SGLang computes whole pages of a prompt', {
    path: '--max-num-batched-tokens',
    received: maxBatchedTokens,
    allowed: `a multiple of ${blockSize}`,
  });
}
