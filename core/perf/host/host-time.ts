import type { EngineName } from '../kernels/kernel-fits.ts';

/** Time of host, scheduler and sampler that a pass takes beside its kernels, in milliseconds. */
export interface HostTime {
  readonly perPassMs: number;
  readonly perRequestMs: number;
  /** Of a request before and after the engine: its text is tokenised, its tokens are sent. */
  readonly frontendMs: number;
}

/** Which engine it is, as far as its host's time depends on it. */
export interface EngineFacts {
  readonly engine: EngineName;
  /** As the engine prints it, `0.11.1`; the newest where absent. */
  readonly version?: string;
  /** Told to schedule the next pass while one runs, before that was the default. */
  readonly asynchronous?: boolean;
  /** When it was run, where no version is known. */
  readonly year?: number;
}

/** What the host's time depends on. */
export interface HostFacts extends EngineFacts {
  /** Tokens are drawn with top-k or top-p, as generation configs of models ask for; not greedy. */
  readonly samples: boolean;
  /** Tokens to draw from; a common size where absent. */
  readonly vocabulary?: number;
  readonly layers: number;
  readonly tensorParallel: number;
}

/** The milliseconds of a pass, each of what it is named after. */
export interface HostConstants {
  readonly perPass: number;
  readonly perRequest: number;
  /** More for each request whose token is drawn of 131,072: its logits are sorted. */
  readonly perDraw: number;
  /** Kernels are started one by one: for each layer, and more for each GPU that it is split over. */
  readonly perLayer: number;
  readonly perLayerAndGpu: number;
  /** Of a request, outside the engine. */
  readonly frontend: number;
}

/** One kind of engine. */
export interface EngineEra extends HostConstants {
  readonly name: string;
  readonly engine: EngineName;
  /** Versions from this one on, as [major, minor], and years from which such a one is likely. */
  readonly from: readonly [number, number];
  readonly fromYear: number;
  /** Only those belong to it that were told to schedule asynchronously. */
  readonly asynchronous?: true;
}

const COMMON_VOCABULARY = 131_072;

/** Draws of the common size that a pass makes for each request that it computes. */
export function drawsPerRequest({ samples, vocabulary = COMMON_VOCABULARY }: HostFacts): number {
  return samples ? vocabulary / COMMON_VOCABULARY : 0;
}

const NO_LAUNCHES = { perLayer: 0, perLayerAndGpu: 0 };

/**
 * By engine, the newest first. vLLM schedules asynchronously from 0.13 on; before, schedule and
 * sampler ran between two passes unless it was told otherwise. The engines of 2023 and 2024 started
 * every kernel from the host. The figures are fitted to published serving measurements (README of this folder).
 */
export const ERAS: readonly EngineEra[] = [
  {
    name: 'vllm 0.13',
    engine: 'vllm',
    from: [0, 13],
    fromYear: 2026,
    perPass: 0.05,
    perRequest: 0,
    perDraw: 0,
    ...NO_LAUNCHES,
    frontend: 16,
  },
  {
    name: 'vllm 0.8 asynchronous',
    engine: 'vllm',
    from: [0, 8],
    fromYear: 2025,
    asynchronous: true,
    perPass: 0.29,
    perRequest: 0.015,
    perDraw: 0,
    ...NO_LAUNCHES,
    frontend: 42,
  },
  {
    name: 'vllm 0.8',
    engine: 'vllm',
    from: [0, 8],
    fromYear: 2025,
    perPass: 0.42,
    perRequest: 0.04,
    perDraw: 0.025,
    ...NO_LAUNCHES,
    frontend: 12,
  },
  {
    name: 'vllm 0',
    engine: 'vllm',
    from: [0, 0],
    fromYear: 0,
    perPass: 0.5,
    perRequest: 0.035,
    perDraw: 0.034,
    perLayer: 0.12,
    perLayerAndGpu: 0.02,
    frontend: 17,
  },
  {
    name: 'sglang 0',
    engine: 'sglang',
    from: [0, 0],
    fromYear: 0,
    perPass: 0.2,
    perRequest: 0.022,
    perDraw: 0,
    ...NO_LAUNCHES,
    frontend: 20,
  },
  {
    name: 'trtllm 0.20',
    engine: 'trtllm',
    from: [0, 20],
    fromYear: 2025,
    perPass: 0.3,
    perRequest: 0.005,
    perDraw: 0,
    ...NO_LAUNCHES,
    frontend: 24,
  },
  {
    name: 'trtllm 0',
    engine: 'trtllm',
    from: [0, 0],
    fromYear: 0,
    perPass: 0.3,
    perRequest: 0.005,
    perDraw: 0,
    perLayer: 0.025,
    perLayerAndGpu: 0,
    frontend: 40,
  },
];

/** The first two numbers of a version, `1.1.0rc2.post2` → [1, 1]. */
function parseVersion(version: string): readonly [number, number] {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return [Number.isNaN(major) ? 0 : major, Number.isNaN(minor) ? 0 : minor];
}

/** The kind of engine that a fact sheet describes; the newest where it says neither version nor year. */
export function eraOf(facts: EngineFacts): EngineEra {
  return ERAS.find((one) => one.engine === facts.engine && isOf(one, facts))!;
}

/** Whether an engine starts every kernel from the host: what that takes is part of its host's time. */
export function startsKernels(facts: EngineFacts): boolean {
  return eraOf(facts).perLayer > 0;
}

/** What an engine's host takes for a pass; with constants other than the shipped ones where given. */
export function hostTime(facts: HostFacts, constants: HostConstants = eraOf(facts)): HostTime {
  const { layers, tensorParallel } = facts;
  const { perPass, perRequest, perDraw, perLayer, perLayerAndGpu, frontend } = constants;
  return {
    perPassMs: perPass + layers * (perLayer + perLayerAndGpu * tensorParallel),
    perRequestMs: perRequest + perDraw * drawsPerRequest(facts),
    frontendMs: frontend,
  };
}

function isOf({ from, fromYear, asynchronous }: EngineEra, facts: EngineFacts): boolean {
  const { version, year } = facts;
  if (asynchronous && !facts.asynchronous) return false;
  if (version === undefined) return year === undefined || year >= fromYear;
  const [major, minor] = parseVersion(version);
  return major > from[0] || (major === from[0] && minor >= from[1]);
}
