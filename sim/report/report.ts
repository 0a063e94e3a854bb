import { writableConfig } from '#core/config/effect.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { askedRequests } from './asked-requests.ts';
import { countedPart } from './counted-part.ts';
import type { GateResult } from './gates/gate-result.ts';
import { type LinkRow, linkRows } from './link-rows.ts';
import { type PoolRow, poolRows } from './pool-rows.ts';
import { type RoleChangeRow, roleChangeRows } from './role-change-rows.ts';
import type { RunResult } from './run-result.ts';
import { type ReportSeries, reportSeries } from './series/report-series.ts';
import { type Summary, summarise, summariseClients } from './summary.ts';
import { type ClassRow, classRows, type TenantRow, tenantRows } from './tenant-rows.ts';
import { type TimingRow, timingRows } from './timing-rows.ts';
import { addUp, lastEndMs } from './totals.ts';
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
      ...summariseClients(tried, counted.requests),
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
