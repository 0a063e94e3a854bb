import { NEVER, RequestStatus, type RequestTable } from '../workload/request-table.ts';
import { isCompleted, queueMs, terminalMs } from './latency.ts';

/** Admissions from which a request counts as caught in a preemption storm: preempted three times. */
const STORM_ADMISSIONS = 4;

/** Requests that something went wrong with; a counter that is zero is left out. */
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
}

/** What each counter says to a person. */
export const ANOMALY_TEXT: Readonly<Record<keyof Anomalies, string>> = {
  rejected: 'rejected: can never fit into the KV cache or the model length of a worker',
  rejected_by_router: 'rejected by the router, which had no place for them',
  incomplete: 'still under way when the run was cut off',
  never_admitted: 'never admitted to a batch before the run was cut off',
  preempted: 'preempted at least once and computed again',
  preemption_storm: 'preempted three times or more (preemption storm)',
  mostly_queued: 'spent more than half of their E2E waiting for admission',
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
] as const satisfies readonly (keyof Anomalies)[];

/** Counts what a mean hides. */
export function countAnomalies(table: RequestTable): Anomalies {
  const counts = new Map<keyof Anomalies, number>();
  const count = (key: keyof Anomalies): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let row = 0; row < table.count; row++) {
    if (table.arrivalNs[row] === NEVER) continue;
    const admissions = table.admissions[row]!;
    if (admissions > 1) count('preempted');
    if (admissions >= STORM_ADMISSIONS) count('preemption_storm');
    if (table.status[row] === RequestStatus.rejected) {
      count(table.rejection[row] === 0 ? 'rejected' : 'rejected_by_router');
    } else if (!isCompleted(table, row)) {
      count('incomplete');
      if (admissions === 0) count('never_admitted');
    } else if (queueMs(table, row) > terminalMs(table, row) / 2) count('mostly_queued');
  }
  const anomalies: Partial<Record<keyof Anomalies, number>> = {};
  for (const key of ANOMALY_KEYS) {
    const value = counts.get(key);
    if (value !== undefined) anomalies[key] = value;
  }
  return anomalies;
}
