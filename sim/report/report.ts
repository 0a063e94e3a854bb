import { NS_PER_HOUR, NS_PER_MS } from '#core/base/time.ts';
import { writableConfig } from '#core/config/effect.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { KvEventCounts } from '../cluster/event-faults.ts';
import type { HandOffTable } from '../cluster/hand-off.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { WarmUpFacts } from '../workload/warm-up.ts';
import { type Anomalies, type AnomalyEvidence, findAnomalies } from './anomalies/anomalies.ts';
import { askedRequests } from './asked-requests.ts';
import {
  type AttemptSummary,
  measureWaste,
  summariseAttempts,
  type WastedWork,
} from './attempts.ts';
import { type BypassSummary, summariseBypasses } from './bypasses.ts';
import { type CapSummary, summariseCap } from './cap.ts';
import { countedPart } from './counted-part.ts';
import { type EncodeSummary, entriesOf, summariseEncodes } from './encodes.ts';
import type { GateResult } from './gates/gate-result.ts';
import { type Goodput, hasSlo, measureGoodput } from './goodput.ts';
import { type HandOffSummary, summariseHandOffs } from './hand-offs.ts';
import { collectLatency, e2eMs, queueMs, tpotMs, ttftMs } from './latency.ts';
import { type LinkRow, linkRows } from './link-rows.ts';
import { encoderBusyRatio, type PoolRow, poolRows } from './pool-rows.ts';
import { countRejections, queueRejectionsByClass } from './rejections.ts';
import { type RoleChangeRow, roleChangeRows } from './role-change-rows.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';
import { type ReportSeries, reportSeries } from './series/report-series.ts';
import { describeGaps, describeSamples, type Statistics } from './statistics.ts';
import { type ClassRow, classRows, type TenantRow, tenantRows } from './tenant-rows.ts';
import { type TimingRow, timingRows } from './timing-rows.ts';
import { addUp, lastEndMs, type Totals } from './totals.ts';
import { type WorkerRow, workerRows } from './worker-rows.ts';

/** The version that this program writes. */
export const REPORT_VERSION = 1;

/** Workers up to which a report lists each of them by itself. */
const LISTED_WORKERS_MAX = 256;

/** The traffic of a run: enough to find the same bytes again. */
export interface ReportTrace {
  /** As the user wrote it. */
  readonly path: string;
  readonly sha256: string;
  readonly format: string;
  /** Requests in the trace, before any of them arrived. */
  readonly requests: number;
  /** The recording that the arrival rate followed; absent without one. */
  readonly rates?: { readonly path: string; readonly sha256: string };
  /** Distinct sessions; given where the request rate or the concurrency counts sessions. */
  readonly sessions?: number;
  /** What the reader dropped or decided; absent without anything to say. */
  readonly notes?: readonly string[];
}

/** How fast the machine was. The only part that differs between two runs of the same input. */
export interface ReportHost {
  readonly wall_ms: number;
  /** Simulated time for each second of wall-clock time. */
  readonly simulated_per_wall: number;
  readonly node: string;
}

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

/** The config as it may be flown again: complete, without the keys that changed nothing. */
export type ReportConfig = Pick<ResolvedConfig, 'cluster' | 'slo'> & {
  readonly router: Pick<ResolvedConfig['router'], 'mode'>;
  readonly workload?: Partial<ResolvedConfig['workload']>;
  readonly kv_transfer?: Partial<ResolvedConfig['kv_transfer']>;
  readonly engine?: Partial<ResolvedConfig['engine']>;
} & Readonly<Record<string, unknown>>;

export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly seed: number;
  readonly config_sha256: string;
  readonly config: ReportConfig;
  readonly trace: ReportTrace;
  /** Simulated time until the last request ended, from 0. */
  readonly simulated_ms: number;
  readonly summary: Summary;
  /** How far the times of passes can be believed; absent where no model on a GPU times them. */
  readonly timing?: readonly TimingRow[];
  /** Absent where all workers are one pool. */
  readonly pools?: readonly PoolRow[];
  /** Absent in a fleet of more than 256, unless it was asked for. */
  readonly workers?: readonly WorkerRow[];
  /** Workers that changed pools; absent where all stay. */
  readonly role_changes?: readonly RoleChangeRow[];
  /** The links that transfers have crossed, the busiest first; absent where they share none. */
  readonly links?: readonly LinkRow[];
  /** Absent when the trace names no tenants. */
  readonly tenants?: readonly TenantRow[];
  /** By the policy class that requests ask for; absent when none asks for any. */
  readonly policy_classes?: readonly ClassRow[];
  /** The run over time, where it was asked for. */
  readonly series?: ReportSeries;
  /** The bounds that were asked for with --gate. */
  readonly gates?: readonly GateResult[];
  readonly host?: ReportHost;
}

export interface ReportContext {
  readonly config: ResolvedConfig;
  readonly configSha256: string;
  readonly seed: number;
  readonly trace: ReportTrace;
  /** List every worker, however many there are. */
  readonly perWorker?: boolean;
  /** Show the series of the timeline that the run has recorded. */
  readonly series?: boolean;
}

/** Draws the conclusions of a run. It reads no clock, so equal runs give equal reports. */
export function buildReport(result: RunResult, context: ReportContext): Report {
  const tried = countedPart(result);
  const counted = { ...tried, requests: askedRequests(tried.requests) };
  const totals = addUp(counted.requests, result.warmUp?.endNs ?? 0);
  const tenants = tenantRows(counted.requests, context.config.slo, totals.servedMs);
  const classes = classRows(counted.requests, context.config.slo, totals.servedMs);
  const { perWorker = false, config } = context;
  const changes = roleChangeRows(result.roleChanges);
  const links = linkRows(result.links, result.simulatedNs);
  const series = context.series === true ? reportSeries(result, config.slo, perWorker) : undefined;
  const pools = poolRows(result);
  const timing = timingRows(config, result);
  const listed = context.perWorker === true || result.tallies.length <= LISTED_WORKERS_MAX;
  return {
    version: REPORT_VERSION,
    seed: context.seed,
    config_sha256: context.configSha256,
    // Workers, router mode and objectives always have an effect, so they are always there.
    config: writableConfig(context.config) as ReportConfig,
    trace: context.trace,
    simulated_ms: lastEndMs(result.requests),
    summary: {
      ...summarise(result, counted, totals, context.config),
      ...clientSummary(tried, counted.requests),
    },
    ...(timing && { timing }),
    ...(pools && { pools }),
    ...(listed && { workers: workerRows(result) }),
    ...(changes && { role_changes: changes }),
    ...(links && { links }),
    ...(tenants && { tenants }),
    ...(classes && { policy_classes: classes }),
    ...(series && { series }),
  };
}

/** The report with what the host had to say. */
export function withHost(report: Report, wallMs: number, node: string): Report {
  const host = { wall_ms: wallMs, simulated_per_wall: report.simulated_ms / wallMs, node };
  return { ...report, host };
}

/** Statistics are about the counted part of a run; counters of engines, and alarms, about all of it. */
function summarise(
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

/** What clients did who left, or tried again; nothing where all waited. */
function clientSummary(
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
