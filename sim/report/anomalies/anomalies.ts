import { NEVER, RequestStatus, type RequestTable } from '../../workload/request-table.ts';
import { isCompleted, queueMs, terminalMs } from '../latency.ts';
import { poolViews } from '../pool-views.ts';
import type { RunResult } from '../run-result.ts';
import type { Evidence, Finding } from './evidence.ts';
import { findHeadOfLine } from './head-of-line.ts';
import { findHotWorkers } from './hot-worker.ts';
import { findKvThrash } from './kv-thrash.ts';
import { findPreemptionStorm } from './preemption-storm.ts';
import { findPriorityInversion } from './priority-inversion.ts';
import { findRetryStorm } from './retry-storm.ts';
import { findSaturation } from './saturation.ts';

/** Requests (or workers) that something went wrong with; a counter that is zero is left out. */
export interface Anomalies {
  /** Could never have fitted into a worker. */
  readonly rejected?: number;
  /** Turned away by the router; the reasons are in the summary's `rejections`. */
  readonly rejected_by_router?: number;
  /** Not finished when the run was cut off. */
  readonly incomplete?: number;
  /** Of those, never let into a batch. */
  readonly never_admitted?: number;
  /** Lost their blocks at least once and were computed again. */
  readonly preempted?: number;
  /** Lost their blocks at least three times. */
  readonly preemption_storm?: number;
  /** Spent more than half of their life waiting to be admitted: the cluster is too small. */
  readonly mostly_queued?: number;
  /** Stood behind a request that waited for blocks, with blocks enough for themselves. */
  readonly head_of_line_blocking?: number;
  /** Waited while one of lower priority left their queue. */
  readonly priority_inversion?: number;
  /** Computed again what their worker had held when they joined its queue. */
  readonly kv_thrash?: number;
  /** Workers with far more load than the others. */
  readonly hot_worker?: number;
  /** Attempts that were tried again while half of the traffic was, and half of it failed. */
  readonly retry_storm?: number;
  /** 1 when the queue grows from the first arrival to the last. */
  readonly saturation?: number;
}

/** Why a counter is not zero, for those that a detector found. */
export type AnomalyEvidence = Readonly<Partial<Record<keyof Anomalies, Evidence>>>;

/** What each counter says to a person. */
export const ANOMALY_TEXT: Readonly<Record<keyof Anomalies, string>> = {
  rejected:
    'rejected: longer than the KV cache (engine.num_gpu_blocks × engine.block_size tokens) or the model length (engine.max_model_len) of a worker, or, where prompts are not cut into chunks, than a pass (engine.max_num_batched_tokens)',
  rejected_by_router: 'rejected by the router, which had no place for them',
  incomplete: 'still under way when the run was cut off',
  never_admitted: 'never admitted to a batch before the run was cut off',
  preempted: 'preempted at least once and computed again',
  preemption_storm: 'preempted three times or more (preemption storm)',
  mostly_queued: 'spent more than half of their E2E waiting for admission',
  head_of_line_blocking:
    'stood behind a request that waited for KV blocks, with room for themselves (head-of-line blocking)',
  priority_inversion: 'waited while one of lower priority left their queue (priority inversion)',
  kv_thrash: 'computed again what was evicted while they waited (KV thrash)',
  hot_worker: 'with far more load than the mean of the workers (hot worker)',
  retry_storm:
    'to serve a request again, while half of all attempts were that and half of all failed (retry storm)',
  saturation: 'that grows from the first arrival to the last (saturation)',
};

/** The order in which counters are listed. */
export const ANOMALY_KEYS = [
  'rejected',
  'rejected_by_router',
  'incomplete',
  'never_admitted',
  'preempted',
  'preemption_storm',
  'mostly_queued',
  'head_of_line_blocking',
  'priority_inversion',
  'kv_thrash',
  'hot_worker',
  'retry_storm',
  'saturation',
] as const satisfies readonly (keyof Anomalies)[];

const DETECTORS: Readonly<
  Partial<Record<keyof Anomalies, (result: RunResult) => Finding | undefined>>
> = {
  preemption_storm: findPreemptionStorm,
  head_of_line_blocking: findHeadOfLine,
  priority_inversion: findPriorityInversion,
  kv_thrash: findKvThrash,
  hot_worker: findHotWorkers,
  retry_storm: findRetryStorm,
  saturation: findSaturation,
};

/** Detectors that compare the workers of a pool, or look at one of its queues. */
const OF_A_POOL: ReadonlySet<keyof Anomalies> = new Set([
  'head_of_line_blocking',
  'priority_inversion',
  'hot_worker',
]);

/**
 * What a mean hides: how often each of them happened, and the worst case of it. Detectors look at the
 * whole run; `counted` are the requests that the statistics are about.
 */
export function findAnomalies(
  result: RunResult,
  counted: RequestTable = result.requests,
): {
  readonly anomalies: Anomalies;
  readonly evidence: AnomalyEvidence | undefined;
} {
  const counts = countRequests(counted);
  const anomalies: Partial<Record<keyof Anomalies, number>> = {};
  let evidence: AnomalyEvidence | undefined;
  const views = poolViews(result);
  for (const key of ANOMALY_KEYS) {
    const finding = findIn(key, result, views);
    const count = finding?.count ?? counts.get(key);
    if (count !== undefined) anomalies[key] = count;
    if (finding !== undefined) evidence = { ...evidence, [key]: finding.evidence };
  }
  return { anomalies, evidence };
}

/** What a detector finds: in the whole run, or in each pool where workers are held against each other. */
function findIn(
  key: keyof Anomalies,
  result: RunResult,
  views: readonly RunResult[],
): Finding | undefined {
  const detect = DETECTORS[key];
  if (detect === undefined) return undefined;
  if (views.length === 1) return detect(result);
  if (!OF_A_POOL.has(key)) return inPool(result, detect(result));
  const findings = views.flatMap((view) => {
    const finding = detect(view);
    return finding === undefined ? [] : [{ finding, pool: view.pools[0]!.name }];
  });
  const [worst] = findings.toSorted((a, b) => b.finding.count - a.finding.count);
  if (worst === undefined) return undefined;
  const count = findings.reduce((sum, { finding }) => sum + finding.count, 0);
  return { count, evidence: { ...worst.finding.evidence, pool: worst.pool } };
}

/** Names the worker of a finding by its pool; a request that reached none has none. */
function inPool({ pools }: RunResult, finding: Finding | undefined): Finding | undefined {
  const target = finding?.evidence.worst.worker;
  if (finding === undefined || target === undefined || target < 0) return finding;
  const pool = pools.findLast(({ firstTarget }) => firstTarget <= target)!;
  const { evidence, count } = finding;
  const worst = { ...evidence.worst, worker: target - pool.firstTarget };
  return { count, evidence: { ...evidence, worst, pool: pool.name } };
}

/** The counters that ask only what became of each request. */
function countRequests(table: RequestTable): ReadonlyMap<keyof Anomalies, number> {
  const counts = new Map<keyof Anomalies, number>();
  const count = (key: keyof Anomalies): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let row = 0; row < table.count; row++) {
    if (table.arrivalNs[row] === NEVER) continue;
    const admissions = table.admissions[row]!;
    if (admissions > 1) count('preempted');
    if (table.status[row] === RequestStatus.rejected) {
      count(table.rejection[row] === 0 ? 'rejected' : 'rejected_by_router');
    } else if (table.terminalNs[row] === NEVER) {
      count('incomplete');
      if (admissions === 0) count('never_admitted');
    } else if (isCompleted(table, row) && queueMs(table, row) > terminalMs(table, row) / 2) {
      count('mostly_queued');
    }
  }
  return counts;
}
