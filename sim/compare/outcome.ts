import { askedRequests } from '../report/asked-requests.ts';
import { e2eMs, isCompleted, queueMs, tpotMs, ttftMs } from '../report/latency.ts';
import type { Report } from '../report/report.ts';
import type { RequestTable } from '../workload/request-table.ts';

/** What a comparison keeps of a request; NaN where the request has no such value. */
export const OUTCOME_COLUMNS = [
  'queueMs',
  'ttftMs',
  'tpotMs',
  'e2eMs',
  'gapSumMs',
  'gaps',
  'inputTokens',
  'reusedTokens',
] as const;

export type OutcomeColumn = (typeof OUTCOME_COLUMNS)[number];

/**
 * One candidate under one seed. Row r of every outcome of a comparison is the same request.
 *
 *     completed[row]   1 = completed, and not flown to warm up
 *     columns.x[row]   value of the request, NaN = none
 */
export interface Outcome {
  readonly report: Report;
  readonly rows: number;
  readonly completed: Uint8Array;
  readonly columns: Readonly<Record<OutcomeColumn, Float64Array>>;
  /** Row in `tenantNames` of each request, −1 = none; both empty without tenants. */
  readonly tenant: Int32Array;
  readonly tenantNames: readonly string[];
}

/** Takes out of a run what a comparison needs, so that the run itself can be dropped. */
export function takeOutcome(report: Report, attempts: RequestTable): Outcome {
  const table = askedRequests(attempts);
  const rows = table.count;
  const completed = new Uint8Array(rows);
  const columns = emptyColumns(rows);
  for (let row = 0; row < rows; row++) {
    if (!isCompleted(table, row) || table.warmup[row] === 1) continue;
    completed[row] = 1;
    const tpot = tpotMs(table, row);
    const gaps = table.outputTokens[row]! - 1;
    columns.queueMs[row] = queueMs(table, row);
    columns.ttftMs[row] = ttftMs(table, row);
    columns.tpotMs[row] = tpot;
    columns.e2eMs[row] = e2eMs(table, row);
    columns.gapSumMs[row] = tpot * gaps;
    columns.gaps[row] = gaps > 0 ? gaps : Number.NaN;
    columns.inputTokens[row] = table.inputTokens[row]!;
    columns.reusedTokens[row] = table.reusedTokens[row]!;
  }
  const { tenantNames } = table;
  const tenant = tenantNames.length === 0 ? new Int32Array(0) : table.tenant.slice(0, rows);
  return { report, rows, completed, columns, tenant, tenantNames };
}

function emptyColumns(rows: number): Record<OutcomeColumn, Float64Array> {
  const column = (): Float64Array => new Float64Array(rows).fill(Number.NaN);
  return {
    queueMs: column(),
    ttftMs: column(),
    tpotMs: column(),
    e2eMs: column(),
    gapSumMs: column(),
    gaps: column(),
    inputTokens: column(),
    reusedTokens: column(),
  };
}
