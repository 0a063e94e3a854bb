import type { Gpu } from '../hardware/gpu.ts';
import type { HostTime } from '../host/host-time.ts';

/** What differs between two deployments of one model on one GPU. */
export interface Constants {
  /** Host time of a pass, whoever is in it. */
  readonly host_per_pass_ms: number;
  /** And for each request in it. */
  readonly host_per_request_ms: number;
  /** Reached share of the operations that the fits promise; 1 = as fitted. */
  readonly compute_efficiency: number;
  /** Reached share of the bandwidth that they promise. */
  readonly memory_efficiency: number;
  /** More for each token of a pass of a size that the engine has not run before. */
  readonly new_shape_us_per_token: number;
  /** From the end of a pass to the start of the next, which an engine's own step times leave out. */
  readonly between_passes_ms: number;
  /** Of a request before and after the engine: its text is read, its tokens are sent. */
  readonly frontend_ms: number;
}

export type ConstantName = keyof Constants;

/** What is known of a constant before any evidence. */
export interface ConstantFacts {
  readonly name: ConstantName;
  readonly unit: string;
  /**
   * How far deployments lie from the fitted default, one standard deviation: milliseconds, or for an
   * efficiency the logarithm of a factor.
   */
  readonly spread: number;
  readonly scale: 'linear' | 'logarithmic';
  /** Evidence that tells it from the others. */
  readonly identifiedBy: string;
  /** Most deployments do without it: where evidence does not tell it, it stays at its default. */
  readonly optional?: true;
}

/** Spreads hold GPUs, where a host takes 0.3–5 ms a pass, and devices known by their data sheet alone. */
export const CONSTANT_FACTS: readonly ConstantFacts[] = [
  {
    name: 'host_per_pass_ms',
    unit: 'ms',
    spread: 5,
    scale: 'linear',
    identifiedBy: 'passes of few tokens: decode steps of one to eight requests with short contexts',
  },
  {
    name: 'host_per_request_ms',
    unit: 'ms/request',
    spread: 0.2,
    scale: 'linear',
    identifiedBy: 'decode steps with both few and many requests',
  },
  {
    name: 'compute_efficiency',
    unit: '× fitted',
    spread: 0.7,
    scale: 'logarithmic',
    identifiedBy: 'prefill steps of hundreds of tokens',
  },
  {
    name: 'memory_efficiency',
    unit: '× fitted',
    spread: 0.7,
    scale: 'logarithmic',
    identifiedBy: 'decode steps of the same requests with both short and long contexts',
  },
  {
    name: 'new_shape_us_per_token',
    unit: 'µs/token',
    spread: 50,
    scale: 'linear',
    identifiedBy: 'prefill steps of many sizes, each of them first and again',
    optional: true,
  },
  {
    name: 'between_passes_ms',
    unit: 'ms',
    spread: 2,
    scale: 'linear',
    identifiedBy: 'the step records and the per-request records of one run together',
  },
  {
    name: 'frontend_ms',
    unit: 'ms',
    spread: 20,
    scale: 'linear',
    identifiedBy:
      'per-request records with TTFT beside step records, or of prompts of many lengths',
  },
];

/** The constants of a deployment that nobody has calibrated. */
export function defaultConstants(host: HostTime): Constants {
  return {
    host_per_pass_ms: host.perPassMs,
    host_per_request_ms: host.perRequestMs,
    compute_efficiency: 1,
    memory_efficiency: 1,
    new_shape_us_per_token: 0,
    between_passes_ms: 0,
    frontend_ms: host.frontendMs,
  };
}

/** A GPU that computes and reads at the rates that were reached. */
export function calibratedGpu(
  gpu: Gpu,
  {
    compute_efficiency,
    memory_efficiency,
  }: Pick<Constants, 'compute_efficiency' | 'memory_efficiency'>,
): Gpu {
  const { flopsPerS } = gpu;
  const scaled = Object.fromEntries(
    Object.entries(flopsPerS).map(([format, rate]) => [format, rate * compute_efficiency]),
  ) as unknown as Gpu['flopsPerS'];
  return {
    ...gpu,
    memoryBytesPerS: gpu.memoryBytesPerS * memory_efficiency,
    flopsPerS: scaled,
  };
}

/** The host of a calibrated deployment; what lies between passes is paid by every pass. */
export function calibratedHost(constants: Constants): HostTime {
  return {
    perPassMs: constants.host_per_pass_ms + constants.between_passes_ms,
    perRequestMs: constants.host_per_request_ms,
    frontendMs: constants.frontend_ms,
  };
}
