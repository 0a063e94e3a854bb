import { NEVER, RequestStatus, type RequestTable } from '../workload/request-table.ts';

/** How often requests were tried; there only where one was tried again. */
export interface AttemptSummary {
  readonly total: number;
  /** Attempts for each request: what the cluster was asked for over what was wanted. */
  readonly amplification: number;
  /** Requests that were tried again, and those of them that failed in the end all the same. */
  readonly retried_requests: number;
  readonly failed_requests: number;
}

/**
 * Tokens that were computed and that nobody got; there only where clients left. Of an attempt that
 * timed out all are wasted, of one that was cancelled those after its client had left, and its
 * prefill where no token had come by then.
 */
export interface WastedWork {
  readonly prefill_tokens: number;
  readonly output_tokens: number;
  /** Parts of all that was computed; absent where nothing was. */
  readonly prefill_ratio?: number;
  readonly output_ratio?: number;
}

/** How often the requests of `asked`, one row each, were tried in the attempts of `table`. */
export function summariseAttempts(
  table: RequestTable,
  asked: RequestTable,
): AttemptSummary | undefined {
  let total = 0;
  for (let row = 0; row < table.count; row++) if (table.arrivalNs[row] !== NEVER) total++;
  let requests = 0;
  let retried = 0;
  let failed = 0;
  for (let row = 0; row < asked.count; row++) {
    if (asked.arrivalNs[row] === NEVER) continue;
    requests++;
    if ((asked.attempt[row] ?? 0) === 0) continue;
    retried++;
    if (asked.status[row]! > RequestStatus.completed) failed++;
  }
  if (retried === 0) return undefined;
  return {
    total,
    amplification: total / requests,
    retried_requests: retried,
    failed_requests: failed,
  };
}

/** What the attempts of `table` wasted of all that engines have computed. */
export function measureWaste(
  table: RequestTable,
  allPrefillTokens: number,
  allOutputTokens: number,
): WastedWork | undefined {
  const { status, outputTokens, prefilledTokens } = table;
  let left = 0;
  let prefill = 0;
  let output = 0;
  for (let row = 0; row < table.count; row++) {
    if (status[row]! < RequestStatus.cancelled) continue;
    left++;
    const timedOut = status[row] === RequestStatus.timedOut;
    output += (table.unreadTokens[row] ?? 0) + (timedOut ? outputTokens[row]! : 0);
    if (timedOut || outputTokens[row] === 0) prefill += prefilledTokens[row]!;
  }
  if (left === 0) return undefined;
  return {
    prefill_tokens: prefill,
    output_tokens: output,
    ...(allPrefillTokens > 0 && { prefill_ratio: prefill / allPrefillTokens }),
    ...(allOutputTokens > 0 && { output_ratio: output / allOutputTokens }),
  };
}
