import { askedRequests } from '../report/asked-requests.ts';
import { collectLatency, e2eMs, type Latency, ttftMs } from '../report/latency.ts';
import { describeSamples, type Statistics } from '../report/statistics.ts';
import { firstAttemptOf } from '../workload/attempts.ts';
import { RequestStatus, type RequestTable } from '../workload/request-table.ts';

/** A latency without and with the other choice, milliseconds. */
export interface LatencyChange {
  readonly before: Statistics;
  readonly after: Statistics;
}

/** One request in both runs. Latencies are milliseconds, undefined where a run has none. */
export interface RequestChange {
  readonly request: number;
  readonly line: number;
  readonly worker: readonly [number, number];
  readonly reusedTokens: readonly [number, number];
  readonly ttftMs: readonly [number | undefined, number | undefined];
  readonly e2eMs: readonly [number | undefined, number | undefined];
}

/** Requests whose E2E moved in one direction. */
export interface Movement {
  readonly requests: number;
  /** Sum of their differences, milliseconds, ≥ 0. */
  readonly e2eMs: number;
  /** Those that moved most, largest first. */
  readonly top: readonly RequestChange[];
}

/** What another choice in one decision has changed in the outcome of a run. */
export interface OutcomeDifference {
  readonly ttft: LatencyChange;
  readonly e2e: LatencyChange;
  /** Requests that were served sooner with the other choice, and later. */
  readonly gained: Movement;
  readonly lost: Movement;
  readonly unchanged: number;
  /** Requests that only one of the runs completed. */
  readonly completedOnlyBefore: number;
  readonly completedOnlyAfter: number;
  /** Prompt tokens found in the prefix cache, over all requests. */
  readonly reusedTokens: readonly [number, number];
  readonly forked: RequestChange;
}

/**
 * Holds two runs of the same requests against each other: `before`, and `after` with another choice
 * for one request. E2E says who gained and who lost.
 *
 * @param top requests to list of each direction
 */
export function outcomeDifference(
  attemptsBefore: RequestTable,
  attemptsAfter: RequestTable,
  forkedAttempt: number,
  top: number,
): OutcomeDifference {
  const before = askedRequests(attemptsBefore);
  const after = askedRequests(attemptsAfter);
  const forkedRequest = firstAttemptOf(attemptsBefore, forkedAttempt);
  const moved: { readonly row: number; readonly byMs: number }[] = [];
  let unchanged = 0;
  const only = { before: 0, after: 0 };
  for (let row = 0; row < before.count; row++) {
    const completed = [before, after].map(({ status }) => status[row] === RequestStatus.completed);
    if (completed[0] !== completed[1]) only[completed[0] ? 'before' : 'after']++;
    if (!completed[0] || !completed[1]) continue;
    const byMs = e2eMs(after, row) - e2eMs(before, row);
    if (Number.isNaN(byMs) || byMs === 0) unchanged++;
    else moved.push({ row, byMs });
  }
  moved.sort((a, b) => a.byMs - b.byMs || a.row - b.row);
  const gained = moved.filter(({ byMs }) => byMs < 0);
  const lost = moved.filter(({ byMs }) => byMs > 0).reverse();
  const movement = (rows: typeof moved): Movement => ({
    requests: rows.length,
    e2eMs: rows.reduce((sum, { byMs }) => sum + Math.abs(byMs), 0),
    top: rows.slice(0, top).map(({ row }) => requestChange(before, after, row)),
  });
  return {
    ttft: latencyChange(before, after, ttftMs),
    e2e: latencyChange(before, after, e2eMs),
    gained: movement(gained),
    lost: movement(lost),
    unchanged,
    completedOnlyBefore: only.before,
    completedOnlyAfter: only.after,
    reusedTokens: [reused(before), reused(after)],
    forked: requestChange(before, after, forkedRequest),
  };
}

function latencyChange(before: RequestTable, after: RequestTable, latency: Latency): LatencyChange {
  return { before: describe(before, latency), after: describe(after, latency) };
}

function describe(table: RequestTable, latency: Latency): Statistics {
  return describeSamples(collectLatency(table, latency));
}

function requestChange(before: RequestTable, after: RequestTable, row: number): RequestChange {
  const both = <T>(of: (table: RequestTable) => T): readonly [T, T] => [of(before), of(after)];
  return {
    request: row,
    line: before.line[row]!,
    worker: both(({ worker }) => worker[row]!),
    reusedTokens: both(({ firstReusedTokens }) => firstReusedTokens[row]!),
    ttftMs: both((table) => known(ttftMs(table, row))),
    e2eMs: both((table) => known(e2eMs(table, row))),
  };
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function reused({ firstReusedTokens, count }: RequestTable): number {
  return firstReusedTokens.subarray(0, count).reduce((sum, tokens) => sum + tokens, 0);
}
