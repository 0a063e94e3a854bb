import type { SloConfig } from '#core/config/schema.ts';
import type { RequestTable } from '../workload/request-table.ts';
import { type Goodput, hasSlo, measureGoodput } from './goodput.ts';
import { collectLatency, e2eMs, queueMs, tpotMs, ttftMs } from './latency.ts';
import { describeSamples, type Statistics } from './statistics.ts';
import { addUp } from './totals.ts';

/** What requests without a tenant are listed under, beside those that have one. */
const NOBODY = '(none)';

/**
 * What one tenant got. Definitions are those of the summary, over the tenant's own requests. There is
 * no ITL: gaps are pooled over the whole run as they come; TPOT is known per request.
 */
export interface TenantRow {
  readonly tenant: string;
  readonly requests: number;
  readonly completed: number;
  readonly rejected: number;
  /** Absent where none was. */
  readonly cancelled?: number;
  readonly timed_out?: number;
  readonly incomplete: number;
  readonly ttft_ms: Statistics;
  readonly tpot_ms: Statistics;
  readonly e2e_ms: Statistics;
  readonly queue_ms: Statistics;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Its part of the output tokens of all completed requests; absent when there are none. */
  readonly output_share?: number;
  readonly request_throughput_rps?: number;
  readonly output_throughput_tok_s?: number;
  readonly prefix_cache_reused_ratio?: number;
  readonly goodput?: Goodput;
}

/**
 * A row for each tenant in the order in which the trace names them, then one for requests without;
 * undefined when no request names a tenant. `servedMs` is what the summary divides by.
 */
export function tenantRows(
  table: RequestTable,
  slo: SloConfig,
  servedMs: number,
): readonly TenantRow[] | undefined {
  return groupRows(table, table.tenantNames, table.tenant, slo, servedMs);
}

/** A row of what the requests of a policy class got. */
export type ClassRow = Omit<TenantRow, 'tenant'> & { readonly policy_class: string };

/** The same for each policy class that requests ask for, whether or not they have a tenant. */
export function classRows(
  table: RequestTable,
  slo: SloConfig,
  servedMs: number,
): readonly ClassRow[] | undefined {
  const rows = groupRows(table, table.policyClassNames, table.policyClass, slo, servedMs);
  return rows?.map(({ tenant, ...row }) => ({ policy_class: tenant, ...row }));
}

function groupRows(
  table: RequestTable,
  names: readonly string[],
  column: Int32Array,
  slo: SloConfig,
  servedMs: number,
): readonly TenantRow[] | undefined {
  if (names.length === 0) return undefined;
  const lists = rowsByGroup(table.count, names.length, column);
  const rows = lists.map((list, index) => {
    return tenantRow(table, names[index] ?? NOBODY, list, slo, servedMs);
  });
  const present = rows.filter(({ requests }) => requests > 0);
  const total = present.reduce((sum, row) => sum + row.output_tokens, 0);
  if (total === 0) return present;
  return present.map((row) => ({ ...row, output_share: row.output_tokens / total }));
}

/** The rows of each group in the order of the table, those without one last. */
function rowsByGroup(count: number, nobody: number, column: Int32Array): readonly Int32Array[] {
  const groupOf = (row: number): number => {
    const group = column[row]!;
    return group < 0 ? nobody : group;
  };
  const sizes = new Int32Array(nobody + 1);
  for (let row = 0; row < count; row++) sizes[groupOf(row)]!++;
  const lists = Array.from(sizes, (size) => new Int32Array(size));
  sizes.fill(0);
  for (let row = 0; row < count; row++) {
    const group = groupOf(row);
    lists[group]![sizes[group]!++] = row;
  }
  return lists;
}

function tenantRow(
  table: RequestTable,
  tenant: string,
  rows: Int32Array,
  slo: SloConfig,
  servedMs: number,
): TenantRow {
  const totals = addUp(table, 0, rows);
  const seconds = servedMs / 1000;
  return {
    tenant,
    requests: totals.requests,
    completed: totals.completed,
    rejected: totals.rejected,
    ...(totals.cancelled > 0 && { cancelled: totals.cancelled }),
    ...(totals.timedOut > 0 && { timed_out: totals.timedOut }),
    incomplete: totals.incomplete,
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    ttft_ms: describeSamples(collectLatency(table, ttftMs, rows)),
    tpot_ms: describeSamples(collectLatency(table, tpotMs, rows)),
    e2e_ms: describeSamples(collectLatency(table, e2eMs, rows)),
    queue_ms: describeSamples(collectLatency(table, queueMs, rows)),
    ...(seconds > 0 && {
      request_throughput_rps: totals.completed / seconds,
      output_throughput_tok_s: totals.outputTokens / seconds,
    }),
    ...(totals.inputTokens > 0 && {
      prefix_cache_reused_ratio: totals.reusedTokens / totals.inputTokens,
    }),
    ...(hasSlo(slo) && { goodput: measureGoodput(table, slo, servedMs, rows) }),
  };
}
