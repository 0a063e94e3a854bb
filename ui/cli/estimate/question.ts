import { InputError } from '#core/base/errors.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import { hostTime } from '#core/perf/host/host-time.ts';
import type { ModelShape } from '#core/perf/models/model-shape.ts';
import type { Load, LoadPoint } from '#sim/estimate/load-point.ts';
import { serverDefaults } from '#sim/estimate/server-defaults.ts';
import { type DeploymentFlags, deploymentOf } from './deployment-flags.ts';

/** Flags of `windtunnel estimate`, as commander hands them over. */
export interface QuestionFlags extends DeploymentFlags {
  readonly isl: number;
  readonly osl: number;
  readonly concurrency?: number;
  readonly requestRate?: number;
  readonly maxNumBatchedTokens?: number;
  readonly gpuMemoryUtilization?: number;
  readonly streamInterval?: number;
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
export function questionOf(flags: QuestionFlags, ownGpu?: Gpu): LoadPoint {
  const deployment = deploymentOf(flags, ownGpu);
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
      ...(flags.streamInterval !== undefined && { streamInterval: flags.streamInterval }),
    },
    host: hostTime({
      engine: flags.backend,
      ...(flags.engineVersion !== undefined && { version: flags.engineVersion }),
      samples: true,
      vocabulary: deployment.model.vocabulary,
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

function refuseTooLong({ name, maxContext }: ModelShape, { isl, osl }: QuestionFlags) {
  if (maxContext === undefined || isl + osl <= maxContext) return;
  throw new InputError('usage', `${name} takes ${maxContext} tokens`, {
    path: '--isl',
    received: isl,
    allowed: `up to ${maxContext - osl} with --osl ${osl}`,
  });
}
