import { ENCODE_TIMES } from './encodes.ts';
import { formatBytes, formatCount, formatQuantity, formatRatio } from './format.ts';
import { HAND_OFF_TIMES } from './hand-offs.ts';
import type { Report } from './report.ts';
import type { Statistics } from './statistics.ts';
import type { TenantRow } from './tenant-rows.ts';
import type { TextTable } from './text-table.ts';
import type { WorkerRow } from './worker-rows.ts';

/** Tenants that a table for people holds; the JSON has them all. */
const TENANTS_SHOWN = 20;

/** The tables that follow the facts: tenants where there are any, workers where asked for. */
export function detailTables(report: Report, perWorker: boolean): readonly TextTable[] {
  const tables = [
    poolTable(report),
    encodeTable(report),
    handOffTable(report),
    tenantTable(report),
    classTable(report),
    perWorker ? workerTable(report) : undefined,
    perWorker ? linkTable(report) : undefined,
  ];
  return tables.filter((table) => table !== undefined);
}

/** A row a pool, undefined where there is only one. */
function poolTable({ pools }: Report): TextTable | undefined {
  if (pools === undefined) return undefined;
  return {
    header: [
      'pool',
      'workers',
      'GPUs',
      'GPU hours',
      'busy',
      'prefill tok',
      'output tok',
      'KV peak',
      'preemptions',
    ],
    rows: pools.map((row) => [
      row.pool,
      formatCount(row.workers),
      formatCount(row.gpus),
      formatQuantity(row.gpu_hours),
      orDash(row.busy_ratio, formatRatio),
      formatCount(row.prefill_tokens),
      formatCount(row.output_tokens),
      row.total_kv_blocks === 0 ? '–' : formatRatio(row.peak_kv_blocks / row.total_kv_blocks),
      formatCount(row.preemptions),
    ]),
  };
}

/** A row a part of the way from the arrival to the router, undefined where nobody encodes. */
function encodeTable({ summary: { encode } }: Report): TextTable | undefined {
  return encode && timesTable('encode ms', ENCODE_TIMES, encode);
}

/** A row a part of the way from prefill to decode, undefined where nobody goes it. */
function handOffTable({ summary }: Report): TextTable | undefined {
  const { hand_offs: handOffs } = summary;
  if (handOffs === undefined) return undefined;
  return timesTable('hand-off ms', HAND_OFF_TIMES, handOffs);
}

/** A row a time, in the order in which a request lives through them. */
function timesTable<Key extends string>(
  title: string,
  order: readonly { readonly key: Key; readonly label: string }[],
  summary: Readonly<Record<Key, Statistics>>,
): TextTable {
  return {
    header: [title, 'mean', 'p50', 'p99', 'max', 'n'],
    rows: order.map(({ key, label }) => {
      const times = summary[key];
      const [mean, max] = [times.mean, times.max].map((value) => orDash(value, formatQuantity));
      const ends = [percentileCell(times, 'p50'), percentileCell(times, 'p99')];
      return [label, mean!, ...ends, max!, formatCount(times.n)];
    }),
  };
}

/** A row a worker, undefined when the report lists none. */
function workerTable({ workers, pools, summary }: Report): TextTable | undefined {
  if (workers === undefined) return undefined;
  const kvBlocksOf = (row: WorkerRow): number =>
    pools?.find(({ pool }) => pool === row.pool)?.total_kv_blocks ?? summary.total_kv_blocks;
  return {
    header: [
      'worker',
      'requests',
      'prefill tok',
      'output tok',
      'load ÷ mean',
      'busy',
      'KV peak',
      'KV mean',
      'reused',
      'preemptions',
    ],
    rows: workers.map((row) => workerCells(row, kvBlocksOf(row))),
  };
}

function workerCells(row: WorkerRow, kvBlocks: number): readonly string[] {
  const ofKv = (blocks: number | undefined): string =>
    blocks === undefined || kvBlocks === 0 ? '–' : formatRatio(blocks / kvBlocks);
  return [
    row.pool === undefined ? String(row.worker) : `${row.pool} ${row.worker}`,
    formatCount(row.requests),
    formatCount(row.prefill_tokens),
    formatCount(row.output_tokens),
    orDash(row.load_to_mean, formatQuantity),
    orDash(row.busy_ratio, formatRatio),
    ofKv(row.peak_kv_blocks),
    ofKv(row.mean_kv_blocks),
    orDash(row.first_admission_prefix_cache_reused_ratio, formatRatio),
    formatCount(row.preemptions),
  ];
}

/** A row a link, the busiest first; undefined where transfers share none. */
function linkTable({ links }: Report): TextTable | undefined {
  if (links === undefined) return undefined;
  return {
    header: ['link', 'GB/s', 'moved', 'used', 'busy', 'peak'],
    rows: links.map((row) => [
      row.link,
      formatQuantity(row.capacity_gb_s),
      formatBytes(row.bytes),
      formatRatio(row.used_ratio),
      formatRatio(row.busy_ratio),
      formatRatio(row.peak_ratio),
    ]),
  };
}

/** A row a tenant, those with most requests first; undefined when the trace names none. */
function tenantTable({ tenants }: Report): TextTable | undefined {
  if (tenants === undefined) return undefined;
  const shown = tenants.toSorted((a, b) => b.requests - a.requests).slice(0, TENANTS_SHOWN);
  const goodput = tenants.some((tenant) => tenant.goodput !== undefined);
  const head = ['tenant', 'requests', 'TTFT p50', 'TTFT p99', 'TPOT p50', 'E2E p50', 'E2E p99'];
  return {
    header: [...head, 'output tok/s', 'share', 'reused', ...(goodput ? ['goodput'] : [])],
    rows: shown.map((tenant) => tenantCells(tenant, goodput)),
  };
}

/** A row a policy class in the order in which requests name them; undefined when none does. */
function classTable({ policy_classes: classes }: Report): TextTable | undefined {
  if (classes === undefined) return undefined;
  const head = ['policy class', 'requests', 'rejected', 'queue mean', 'queue p99'];
  return {
    header: [...head, 'TTFT p50', 'TTFT p99', 'share'],
    rows: classes.map((row) => [
      row.policy_class,
      formatCount(row.requests),
      formatCount(row.rejected),
      orDash(row.queue_ms.mean, formatQuantity),
      percentileCell(row.queue_ms, 'p99'),
      percentileCell(row.ttft_ms, 'p50'),
      percentileCell(row.ttft_ms, 'p99'),
      orDash(row.output_share, formatRatio),
    ]),
  };
}

/** Says how many tenants a table leaves out; undefined when it has all. */
export function tenantsLeftOut({ tenants }: Report): string | undefined {
  const left = (tenants?.length ?? 0) - TENANTS_SHOWN;
  return left > 0 ? `${formatCount(left)} more tenants stand in the JSON form` : undefined;
}

function tenantCells(row: TenantRow, goodput: boolean): readonly string[] {
  const ms = percentileCell;
  return [
    row.tenant,
    formatCount(row.requests),
    ms(row.ttft_ms, 'p50'),
    ms(row.ttft_ms, 'p99'),
    ms(row.tpot_ms, 'p50'),
    ms(row.e2e_ms, 'p50'),
    ms(row.e2e_ms, 'p99'),
    orDash(row.output_throughput_tok_s, formatQuantity),
    orDash(row.output_share, formatRatio),
    orDash(row.prefix_cache_reused_ratio, formatRatio),
    ...(goodput ? [orDash(row.goodput?.ratio, formatRatio)] : []),
  ];
}

function percentileCell(statistics: Statistics, key: 'p50' | 'p99'): string {
  const thin = statistics.few_samples?.includes(key) === true;
  return `${orDash(statistics[key], formatQuantity)}${thin ? '*' : ''}`;
}

function orDash(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}
