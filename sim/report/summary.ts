import { NS_PER_HOUR, NS_PER_MS } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { KvEventCounts } from '../cluster/event-faults.ts';
import type { HandOffTable } from '../cluster/hand-off.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { WarmUpFacts } from '../workload/warm-up.ts';
import { type Anomalies, type AnomalyEvidence, findAnomalies } from './anomalies/anomalies.ts';
import {
  type AttemptSummary,
  measureWaste,
  summariseAttempts,
  type WastedWork,
} from './attempts.ts';
import { type BypassSummary, summariseBypasses } from './bypasses.ts';
import { type CapSummary, summariseCap } from './cap.ts';
import { type EncodeSummary, entriesOf, summariseEncodes } from './encodes.ts';
import { type Goodput, hasSlo, measureGoodput } from './goodput.ts';
import { type HandOffSummary, summariseHandOffs } from './hand-offs.ts';
import { collectLatency, e2eMs, queueMs, tpotMs, ttftMs } from './latency.ts';
import { encoderBusyRatio } from './pool-rows.ts';
import { countRejections, queueRejectionsByClass } from './rejections.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';
import { describeGaps, describeSamples, type Statistics } from './statistics.ts';
import type { Totals } from './totals.ts';

/** Requests that are in no statistic, and when the first arrived that is. */
export interface WarmUpSummary {
  readonly requests: number;
  /** Absent when no request counted. */
  readonly end_ms?: number;
}

/** The keys are a published format: JSON names with units. A key without a value is absent. */
export interface Summary {
  readonly requests: number;
  readonly completed: number;
  readonly rejected: number;
  /** Rejected requests by reason; absent where nothing was rejected. */
  readonly rejections?: Readonly<Record<string, number>>;
  /** Of those, what full queues of policy classes have kept out, by class and limit. */
  readonly queue_rejections?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Requests whose clients left before the end, and that waited for too long; absent without. */
  readonly cancelled?: number;
  readonly timed_out?: number;
  readonly incomplete: number;
  /** Absent where nothing was tried again. */
  readonly attempts?: AttemptSummary;
  /** Absent where no client left. */
  readonly wasted?: WastedWork;
  readonly ttft_ms: Statistics;
  readonly tpot_ms: Statistics;
  readonly itl_ms: Statistics;
  readonly e2e_ms: Statistics;
  readonly queue_ms: Statistics;
  readonly request_throughput_rps?: number;
  readonly input_throughput_tok_s?: number;
  readonly output_throughput_tok_s?: number;
  readonly total_throughput_tok_s?: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Numerator of `prefix_cache_reused_ratio`; `input_tokens` is the denominator. */
  readonly prefix_cache_reused_tokens: number;
  readonly prefix_cache_reused_ratio?: number;
  readonly first_admission_prefix_cache_reused_ratio?: number;
  readonly committed_prefill_tokens: number;
  readonly preemptions: number;
  readonly forward_passes: number;
  readonly peak_kv_blocks: number;
  readonly total_kv_blocks: number;
  /** Workers × GPUs of one × simulated time, whether they worked or not. */
  readonly gpu_hours: number;
  /** Part of that in which a forward pass was under way; absent when no time passed. */
  readonly gpu_busy_ratio?: number;
  readonly goodput?: Goodput;
  /** What requests waited for before a router was asked; absent without a pool that encodes. */
  readonly encode?: EncodeSummary;
  /** How requests got from prefill to decode workers; absent without such pools. */
  readonly hand_offs?: HandOffSummary;
  /** Where prompts were computed, and why; absent where requests are not asked. */
  readonly conditional_disagg?: BypassSummary;
  /** KV events between workers and router; absent where all arrive, once each. */
  readonly kv_events?: KvEventCounts;
  /** What the cap on an open loop did; absent without one. */
  readonly cap?: CapSummary;
  /** What was flown to warm the cluster up; absent when every request counts. */
  readonly warmup?: WarmUpSummary;
  readonly anomalies: Anomalies;
  /** Of the counters that have a definition with bounds; absent when all of them are zero. */
  readonly anomaly_evidence?: AnomalyEvidence;
}

/**
 * Sums a run up. Statistics are about `result`, its counted part with a row for each request; counters
 * of engines, and alarms, are about all of it.
 */
export function summarise(
  whole: RunResult,
  result: RunResult,
  totals: Totals,
  config: ResolvedConfig,
): Summary {
  const table = result.requests;
  const { anomalies, evidence } = findAnomalies(whole, table);
  const bypasses = whole.handOffs && summariseBypasses(whole.handOffs, whole.requests);
  return {
    requests: totals.requests,
    completed: totals.completed,
    rejected: totals.rejected,
    ...(totals.rejected > 0 && { rejections: countRejections(table) }),
    ...(result.queueRejections.length > 0 && {
      queue_rejections: queueRejectionsByClass(result.queueRejections),
    }),
    ...(totals.cancelled > 0 && { cancelled: totals.cancelled }),
    ...(totals.timedOut > 0 && { timed_out: totals.timedOut }),
    incomplete: totals.incomplete,
    ttft_ms: describeSamples(collectLatency(table, ttftMs)),
    tpot_ms: describeSamples(collectLatency(table, tpotMs)),
    itl_ms: describeGaps({ count: totals.gaps, sumMs: totals.gapSumMs, sketchNs: result.itlNs }),
    e2e_ms: describeSamples(collectLatency(table, e2eMs)),
    queue_ms: describeSamples(collectLatency(table, queueMs)),
    ...throughput(totals),
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    prefix_cache_reused_tokens: totals.reusedTokens,
    ...reuse(totals),
    committed_prefill_tokens: result.committedPrefillTokens,
    preemptions: result.preemptions,
    forward_passes: result.passes,
    peak_kv_blocks: result.peakKvBlocks,
    total_kv_blocks: result.totalKvBlocks,
    ...gpuTime(result),
    ...(hasSlo(config.slo) && { goodput: measureGoodput(table, config.slo, totals.servedMs) }),
    ...(whole.encode && { encode: summariseEncodes(whole.encode, whole.requests) }),
    ...(whole.handOffs && { hand_offs: handOffSummary(whole, whole.handOffs) }),
    ...(bypasses && { conditional_disagg: bypasses }),
    ...(result.cap && { cap: summariseCap(result.cap, table) }),
    ...(result.warmUp && { warmup: summariseWarmUp(result.warmUp) }),
    anomalies,
    ...(evidence && { anomaly_evidence: evidence }),
    ...(result.kvEvents && { kv_events: describeKvEvents(result.kvEvents) }),
  };
}

function handOffSummary({ encode, requests }: RunResult, handOffs: HandOffTable): HandOffSummary {
  return summariseHandOffs(handOffs, requests, entriesOf(encode, requests));
}

/** What clients did who left, or tried again; nothing where all waited. `asked`: a row for each request. */
export function summariseClients(
  { requests, committedPrefillTokens, tallies }: RunResult,
  asked: RequestTable,
): Pick<Summary, 'attempts' | 'wasted'> {
  const attempts = summariseAttempts(requests, asked);
  const outputTokens = tallies.reduce((sum, tally) => sum + tally.outputTokens, 0);
  const wasted = measureWaste(requests, committedPrefillTokens, outputTokens);
  return { ...(attempts && { attempts }), ...(wasted && { wasted }) };
}

function summariseWarmUp({ requests, endNs }: WarmUpFacts): WarmUpSummary {
  return { requests, ...(Number.isFinite(endNs) && { end_ms: endNs / NS_PER_MS }) };
}

/** Completed work over the time until the last of it was done; nothing when no time passed. */
function throughput(totals: Totals): Partial<Summary> {
  const seconds = totals.servedMs / 1000;
  if (seconds === 0) return {};
  return {
    request_throughput_rps: totals.completed / seconds,
    input_throughput_tok_s: totals.inputTokens / seconds,
    output_throughput_tok_s: totals.outputTokens / seconds,
    total_throughput_tok_s: (totals.inputTokens + totals.outputTokens) / seconds,
  };
}

/** What the fleet cost, and how much of it was used: pools count by their GPUs. */
function gpuTime({
  tallies,
  pools,
  encode,
  simulatedNs,
}: RunResult): Pick<Summary, 'gpu_hours' | 'gpu_busy_ratio'> {
  const fleet: readonly Sized[] = encode === undefined ? pools : [...pools, encode];
  const gpus = fleet.reduce((sum, pool) => sum + pool.workers * pool.gpusPerWorker, 0);
  const gpu_hours = (gpus * simulatedNs) / NS_PER_HOUR;
  if (simulatedNs === 0) return { gpu_hours };
  const ratios = pools.map((pool) => busyRatio(pool, tallies, simulatedNs));
  if (encode !== undefined) ratios.push(encoderBusyRatio(encode, simulatedNs));
  const [first = 0, ...others] = ratios;
  // A mean by GPUs: the first pool's own, moved by what those of the others do otherwise.
  let gpu_busy_ratio = first;
  for (const [index, ratio] of others.entries()) {
    const { workers, gpusPerWorker } = fleet[index + 1]!;
    gpu_busy_ratio += (ratio - first) * ((workers * gpusPerWorker) / gpus);
  }
  return { gpu_hours, gpu_busy_ratio };
}

type Sized = Pick<PoolOutcome, 'workers' | 'gpusPerWorker'>;

/** Part of the time in which the workers of a pool were in a pass. */
function busyRatio(
  { firstTarget, targets, workers, ranks }: PoolOutcome,
  tallies: RunResult['tallies'],
  simulatedNs: number,
): number {
  let busyNs = 0;
  for (const tally of tallies.slice(firstTarget, firstTarget + targets)) busyNs += tally.busyNs;
  return busyNs / simulatedNs / (workers * ranks);
}

/** Σ reused ÷ Σ input over completed requests, at their best and at their first admission. */
function reuse(totals: Totals): Partial<Summary> {
  if (totals.inputTokens === 0) return {};
  return {
    prefix_cache_reused_ratio: totals.reusedTokens / totals.inputTokens,
    first_admission_prefix_cache_reused_ratio: totals.firstReusedTokens / totals.inputTokens,
  };
}

function describeKvEvents({ published, lost, duplicated, orphaned }: KvEventCounts): KvEventCounts {
  return { published, lost, duplicated, orphaned };
}
