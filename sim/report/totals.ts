import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { NEVER, RequestStatus, type RequestTable } from '../workload/request-table.ts';
import { isCompleted } from './latency.ts';

/** Sums over a run. Tokens and gaps are those of completed requests. */
export interface Totals {
  /** Requests that arrived; those still due when the run was cut off are not among them. */
  readonly requests: number;
  readonly completed: number;
  readonly rejected: number;
  /** Their clients left, by themselves or because they had waited for too long. */
  readonly cancelled: number;
  readonly timedOut: number;
  /** Arrived, and not over when the run was cut off. */
  readonly incomplete: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly reusedTokens: number;
  readonly firstReusedTokens: number;
  /** Gaps between consecutive tokens and their sum. */
  readonly gaps: number;
  readonly gapSumMs: number;
  /** From the start to the last completion: what throughput is divided by. */
  readonly servedMs: number;
}

/** The last moment at which a request ended, milliseconds. */
export function lastEndMs(table: RequestTable): number {
  let endNs = 0;
  for (let row = 0; row < table.count; row++) endNs = Math.max(endNs, table.terminalNs[row]!);
  return endNs / NS_PER_MS;
}

/** Adds up a run, or `rows` of it, whose counted part began at `startNs`. */
export function addUp(table: RequestTable, startNs: Ns, rows?: Int32Array): Totals {
  const total = rows?.length ?? table.count;
  let requests = 0;
  let completed = 0;
  let rejected = 0;
  let cancelled = 0;
  let timedOut = 0;
  let inputTokens = 0;
  let outputTokens = 0;
  let reusedTokens = 0;
  let firstReusedTokens = 0;
  let gaps = 0;
  let gapSumNs = 0;
  let servedNs = startNs;
  for (let index = 0; index < total; index++) {
    const row = rows === undefined ? index : rows[index]!;
    if (table.arrivalNs[row] === NEVER) continue;
    requests++;
    if (table.status[row] === RequestStatus.rejected) rejected++;
    if (table.status[row] === RequestStatus.cancelled) cancelled++;
    if (table.status[row] === RequestStatus.timedOut) timedOut++;
    if (!isCompleted(table, row)) continue;
    completed++;
    servedNs = Math.max(servedNs, table.terminalNs[row]!);
    inputTokens += table.inputTokens[row]!;
    outputTokens += table.outputTokens[row]!;
    reusedTokens += table.reusedTokens[row]!;
    firstReusedTokens += table.firstReusedTokens[row]!;
    if (table.outputTokens[row]! < 2) continue;
    gaps += table.outputTokens[row]! - 1;
    gapSumNs += table.lastTokenNs[row]! - table.firstTokenNs[row]!;
  }
  return {
    requests,
    completed,
    rejected,
    cancelled,
    timedOut,
    incomplete: requests - completed - rejected - cancelled - timedOut,
    inputTokens,
    outputTokens,
    reusedTokens,
    firstReusedTokens,
    gaps,
    gapSumMs: gapSumNs / NS_PER_MS,
    servedMs: completed === 0 ? 0 : (servedNs - startNs) / NS_PER_MS,
  };
}
