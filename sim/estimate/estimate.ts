import { type Confidence, confidenceOf, type Extent } from '#core/perf/pass/confidence.ts';
import { gpusOf } from '#core/perf/pass/deployment.ts';
import type { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { type Binding, bindingOf } from './binding.ts';
import { type Figures, figuresOf, type Latency } from './figures.ts';
import { type FlownPoint, flyPoint } from './fly-point.ts';
import { longest } from './lengths.ts';
import type { LoadPoint } from './load-point.ts';

/** The published form of an estimate; keys without a value were not measured. */
export interface Estimate extends Confidence {
  readonly ttft_ms?: Latency;
  readonly tpot_ms?: Latency;
  readonly e2e_ms?: Latency;
  /** Gaps between tokens as clients see them. */
  readonly itl_ms?: Latency;
  readonly output_throughput_tok_s: number;
  readonly output_throughput_tok_s_per_gpu: number;
  readonly request_throughput_rps: number;
  readonly running_requests: number;
  readonly waiting_share: number;
  readonly saturated: boolean;
  /**
   * Requests a second that the server could sustain, where an open loop offers more: its queue grows
   * without end, and TTFT and E2E are as long as the run makes them.
   */
  readonly sustainable_rps?: number;
  readonly binds: Binding;
  /** Of the replica, all ranks together. */
  readonly kv_capacity_tokens: number;
  /** Of each rank with attention of its own, where there are several: a request lives in one. */
  readonly kv_capacity_tokens_per_rank?: number;
  readonly memory: Readonly<Record<string, number>>;
  readonly gpus: number;
}

/** Share of their time that requests of a saturated server wait. */
const SATURATED_SHARE = 0.1;

/** Of an open loop's rate, what a server completes that falls behind it, at most. */
const FALLEN_BEHIND_SHARE = 0.95;

/** Flies a point and says what came of it. Throws as `flyPoint` does. */
export function estimate(point: LoadPoint, pass?: ForwardPass): Estimate {
  return describeFlight(point, flyPoint(point, pass));
}

/** The published form of a flown point. */
export function describeFlight(point: LoadPoint, flown: FlownPoint): Estimate {
  const figures = figuresOf(point, flown);
  const { deployment } = point;
  const gpus = gpusOf(deployment);
  const saturated = figures.waitingShare > SATURATED_SHARE;
  const isOverrun = saturated && fallsBehind(point, figures);
  const { band, ...confidence } = confidenceOf(
    deployment,
    point.calibration,
    extentOf(point, flown),
  );
  return {
    ...latencies(figures),
    output_throughput_tok_s: figures.outputTokensPerS,
    output_throughput_tok_s_per_gpu: figures.outputTokensPerS / gpus,
    request_throughput_rps: figures.requestsPerS,
    running_requests: figures.meanRunning,
    waiting_share: figures.waitingShare,
    saturated,
    ...(isOverrun && { sustainable_rps: figures.requestsPerS }),
    binds: bindingOf(point, figures, flown),
    ...capacityOf(point, flown),
    memory: memoryOf(flown),
    gpus,
    ...confidence,
    band: isOverrun ? { tpot_percent: band.tpot_percent } : band,
  };
}

function capacityOf(
  { deployment, server }: LoadPoint,
  { blocks }: FlownPoint,
): Pick<Estimate, 'kv_capacity_tokens' | 'kv_capacity_tokens_per_rank'> {
  const ofRank = blocks * server.blockSize;
  const ranks = deployment.dataParallel;
  return {
    kv_capacity_tokens: ofRank * ranks,
    ...(ranks > 1 && { kv_capacity_tokens_per_rank: ofRank }),
  };
}

function fallsBehind({ load, clientTimeoutMs }: LoadPoint, { requestsPerS }: Figures): boolean {
  if (load.kind !== 'open' || load.maxConcurrency !== undefined) return false;
  return clientTimeoutMs === undefined && requestsPerS < FALLEN_BEHIND_SHARE * load.requestRate;
}

function extentOf({ isl, osl, server }: LoadPoint, { peaks, result }: FlownPoint): Extent {
  return {
    prefill_tokens: peaks.prefillTokens,
    decode_requests: peaks.decodeRequests,
    context_tokens: result.peakKvBlocks * server.blockSize,
    request_tokens: longest(isl) + longest(osl),
  };
}

function latencies({
  ttftMs,
  tpotMs,
  e2eMs,
  itlMs,
}: Figures): Pick<Estimate, 'ttft_ms' | 'tpot_ms' | 'e2e_ms' | 'itl_ms'> {
  return {
    ...(ttftMs && { ttft_ms: ttftMs }),
    ...(tpotMs && { tpot_ms: tpotMs }),
    ...(e2eMs && { e2e_ms: e2eMs }),
    ...(itlMs && { itl_ms: itlMs }),
  };
}

function memoryOf({ memory }: FlownPoint): Readonly<Record<string, number>> {
  const gib = (bytes: number) => bytes / 2 ** 30;
  return {
    total_gib: gib(memory.totalBytes),
    weights_gib: gib(memory.weightBytes),
    activations_gib: gib(memory.activationBytes),
    runtime_gib: gib(memory.runtimeBytes),
    kv_cache_gib: gib(memory.kvBytes),
    kv_bytes_per_token: memory.kvBytesPerToken,
  };
}
