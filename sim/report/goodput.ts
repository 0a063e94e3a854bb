import type { SloConfig } from '#core/config/schema.ts';
import { NEVER, RequestStatus, type RequestTable, Task } from '../workload/request-table.ts';
import { isCompleted, terminalMs, tpotMs, ttftMs } from './latency.ts';

/** Work that met the objectives. */
export interface Goodput {
  readonly completed: number;
  readonly request_rps?: number;
  readonly output_tok_s?: number;
  /** Of the requests that ended, but for those cancelled; one rejected or too slow is a miss. */
  readonly ratio?: number;
}

export function hasSlo(slo: SloConfig): boolean {
  return slo.ttft_ms !== undefined || slo.itl_ms !== undefined || slo.e2e_ms !== undefined;
}

/**
 * Whether a completed request met every objective. Bounds are inclusive. The ITL bound is held
 * against the request's own mean gap and skipped below two tokens; a request that asks for an answer
 * and gets no token can only meet an E2E bound. One that has no answer to give meets what is left.
 */
export function meetsSlo(table: RequestTable, row: number, slo: SloConfig): boolean {
  if (slo.e2e_ms !== undefined) return terminalMs(table, row) <= slo.e2e_ms;
  if (table.outputTokens[row] === 0) return table.task[row] !== Task.generate;
  if (slo.ttft_ms !== undefined && !(ttftMs(table, row) <= slo.ttft_ms)) return false;
  if (slo.itl_ms === undefined || table.outputTokens[row]! < 2) return true;
  return tpotMs(table, row) <= slo.itl_ms;
}

/**
 * Goodput of all requests (of `rows`) over `durationMs` of simulated time; rates are absent when no
 * time passed.
 */
export function measureGoodput(
  table: RequestTable,
  slo: SloConfig,
  durationMs: number,
  rows?: Int32Array,
): Goodput {
  let completed = 0;
  let outputTokens = 0;
  let ended = 0;
  const total = rows?.length ?? table.count;
  for (let index = 0; index < total; index++) {
    const row = rows === undefined ? index : rows[index]!;
    const cancelled = table.status[row] === RequestStatus.cancelled;
    if (table.terminalNs[row] !== NEVER && !cancelled) ended++;
    if (!isCompleted(table, row) || !meetsSlo(table, row, slo)) continue;
    completed++;
    outputTokens += table.outputTokens[row]!;
  }
  const seconds = durationMs / 1000;
  return {
    completed,
    ...(seconds > 0 && { request_rps: completed / seconds, output_tok_s: outputTokens / seconds }),
    ...(ended > 0 && { ratio: completed / ended }),
  };
}
