import { VERDICTS } from '#core/router/disaggregation/verdict.ts';
import type { KvEventCounts } from '../cluster/event-faults.ts';
import { ANOMALY_KEYS, ANOMALY_TEXT, type Anomalies } from './anomalies/anomalies.ts';
import { evidenceText } from './anomalies/evidence.ts';
import type { BypassSummary } from './bypasses.ts';
import { confidenceText } from './confidence-text.ts';
import type { EncodeSummary } from './encodes.ts';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatQuantity,
  formatRatio,
  formatSpan,
} from './format.ts';
import type { HandOffSummary } from './hand-offs.ts';
import type { LinkRow } from './link-rows.ts';
import { plainPassTimes } from './plain-pass-times.ts';
import type { Report } from './report.ts';
import {
  arrivalsText,
  attemptsText,
  capText,
  fullQueuesText,
  requestsText,
  warmUpText,
  wastedText,
} from './request-facts.ts';
import type { RoleChangeRow } from './role-change-rows.ts';
import type { ReportSeries } from './series/report-series.ts';
import { PERCENTILES, type PercentileKey, type Statistics } from './statistics.ts';
import type { Summary } from './summary.ts';
import type { TextTable } from './text-table.ts';
import type { TimingRow } from './timing-rows.ts';

/** What the terminal and the Markdown form of a report both say, each in its own dress. */

/** The latencies of a summary in the order in which a request lives through them. */
export const LATENCIES = [
  { key: 'queue_ms', label: 'Queue' },
  { key: 'ttft_ms', label: 'TTFT' },
  { key: 'tpot_ms', label: 'TPOT' },
  { key: 'itl_ms', label: 'ITL' },
  { key: 'e2e_ms', label: 'E2E' },
] as const;

export const THIN_NOTE = '* fewer than 10 samples lie beyond this percentile';

/** One line that says what was flown. */
export function headline(report: Report): string {
  const { config, trace } = report;
  return [
    trace.path,
    formatNumber(report.summary.requests, 'request'),
    workersText(config.cluster),
    config.router.mode,
    `seed ${report.seed}`,
  ].join(' · ');
}

/** "8 workers", or "2 prefill + 6 decode workers". */
export function workersText({ workers, pools }: Report['config']['cluster']): string {
  if (pools === undefined) return formatNumber(workers, 'worker');
  const parts = pools.map((pool) => `${formatCount(pool.workers)} ${pool.name ?? pool.role}`);
  const total = pools.reduce((sum, pool) => sum + pool.workers, 0);
  return `${parts.join(' + ')} ${total === 1 ? 'worker' : 'workers'}`;
}

/** One row a latency: statistics and n; percentiles with too few samples bear a star. */
export function latencyTable(summary: Summary): TextTable {
  const percentiles = PERCENTILES.map((p): PercentileKey => `p${p}`);
  const cell = (statistics: Statistics, key: keyof Statistics): string => {
    const value = statistics[key];
    if (typeof value !== 'number') return '–';
    const thin = statistics.few_samples?.some((thinKey) => thinKey === key) === true;
    return `${formatQuantity(value)}${thin ? '*' : ''}`;
  };
  return {
    header: ['ms', 'mean', 'std', 'min', ...percentiles, 'max', 'n'],
    rows: LATENCIES.map(({ key, label }) => {
      const statistics = summary[key];
      const columns = ['mean', 'std', 'min', ...percentiles, 'max'] as const;
      return [label, ...columns.map((c) => cell(statistics, c)), formatCount(statistics.n)];
    }),
  };
}

export function hasThinPercentile(summary: Summary): boolean {
  return LATENCIES.some(({ key }) => summary[key].few_samples !== undefined);
}

/** Name and text of everything that is not a latency. */
export function factRows(report: Report): [name: string, text: string][] {
  const { summary } = report;
  const rows: [string, string][] = [
    ['Requests', requestsText(summary)],
    ['Simulated', simulatedText(report)],
    ['Throughput', throughputText(summary)],
    ['Prefix cache', reuseText(summary)],
    ['KV blocks', kvText(summary)],
    ['Preemptions', formatCount(summary.preemptions)],
    ['GPU hours', gpuText(report)],
  ];
  rows.push(...timingFacts(report.timing ?? []));
  for (const text of plainPassTimes(report.config)) rows.push(['Pass times', text]);
  if (summary.encode !== undefined) rows.push(['Encoding', encodeText(summary.encode)]);
  if (summary.hand_offs !== undefined) rows.push(['Hand-offs', handOffText(summary.hand_offs)]);
  const { conditional_disagg: bypasses } = summary;
  if (bypasses !== undefined) rows.push(['Bypasses', bypassText(bypasses)]);
  const fullQueues = fullQueuesText(summary);
  if (fullQueues !== undefined) rows.splice(1, 0, ['Full queues', fullQueues]);
  const arrivals = arrivalsText(report);
  if (arrivals !== undefined) rows.splice(1, 0, ['Arrivals', arrivals]);
  if (summary.attempts !== undefined) rows.push(['Attempts', attemptsText(summary.attempts)]);
  if (summary.wasted !== undefined) rows.push(['Wasted', wastedText(summary.wasted)]);
  if (summary.cap !== undefined) rows.push(['Cap', capText(summary.cap, report.trace)]);
  if (report.role_changes !== undefined) {
    const texts = report.role_changes.map((change) => roleChangeText(change, report.simulated_ms));
    rows.push(['Role changes', texts.join(' · ')]);
  }
  if (report.links !== undefined) rows.push(['Links', linksText(report.links)]);
  if (report.series !== undefined) rows.push(['Series', seriesText(report.series)]);
  if (summary.warmup !== undefined) rows.push(['Warm-up', warmUpText(summary.warmup)]);
  if (summary.kv_events !== undefined) rows.push(['KV events', eventsText(summary.kv_events)]);
  if (summary.goodput !== undefined) rows.push(['Goodput', goodputText(report)]);
  return rows;
}

/** How far pass times can be believed: once, or for each pool where they differ. */
export function timingFacts(rows: readonly TimingRow[]): [name: string, text: string][] {
  const texts = rows.map((row) => `${row.model} on ${row.gpu}: ${confidenceText(row)}`);
  if (new Set(texts).size === 1) return [['Pass times', texts[0]!]];
  return rows.map(({ pool }, index) => ['Pass times', `${pool}: ${texts[index]}`]);
}

/** "prefill 3 → decode 4 at 60.00 s, drained 61.20 s, joined 91.20 s". */
function roleChangeText(change: RoleChangeRow, endMs: number): string {
  const { from_pool, from_worker, to_pool, to_worker, due_ms } = change;
  const named = (pool: string, worker: number | undefined): string =>
    worker === undefined ? pool : `${pool} ${worker}`;
  const parts = [
    `${named(from_pool, from_worker)} → ${named(to_pool, to_worker)} at ${formatSpan(due_ms)}`,
  ];
  const { began_ms, drained_ms, joined_ms } = change;
  if (began_ms === undefined) {
    parts.push(due_ms >= endMs ? 'after the end of the run' : 'nobody to spare');
  }
  if (drained_ms !== undefined) parts.push(`drained ${formatSpan(drained_ms)}`);
  if (joined_ms !== undefined) parts.push(`joined ${formatSpan(joined_ms)}`);
  return parts.join(', ');
}

/** The busiest link; the tables of `--per-worker` and the JSON have the others. */
function linksText(links: readonly LinkRow[]): string {
  const [busiest] = links;
  const { link, used_ratio, peak_ratio, capacity_gb_s } = busiest!;
  const parts = [`${formatNumber(links.length, 'link')} crossed`, `most by ${link}`];
  parts.push(`${formatRatio(used_ratio)} of ${formatQuantity(capacity_gb_s)} GB/s used`);
  return `${parts.join(', ')}, peak ${formatRatio(peak_ratio)}`;
}

function nounOf(key: keyof Anomalies): string {
  if (key === 'saturation') return 'queue';
  if (key === 'retry_storm') return 'attempt';
  return key === 'hot_worker' ? 'worker' : 'request';
}

/** A line for each counter that is not zero. */
export function anomalyLines(summary: Summary): string[] {
  return ANOMALY_KEYS.flatMap((key) => {
    const count = summary.anomalies[key];
    if (count === undefined) return [];
    const evidence = summary.anomaly_evidence?.[key];
    const why = evidence === undefined ? '' : `; ${evidenceText(evidence)}`;
    return [`${formatNumber(count, nounOf(key))} ${ANOMALY_TEXT[key]}${why}`];
  });
}

/** At which step the run was recorded, and whether that is the one that was asked for. */
export function seriesText({ step_ms, asked_step_ms }: ReportSeries): string {
  const asked = asked_step_ms === undefined ? '' : `, not ${asked_step_ms} ms: more would not fit`;
  return `a row each ${step_ms} ms${asked}`;
}

function simulatedText({ simulated_ms, host }: Report): string {
  const span = formatSpan(simulated_ms);
  if (host === undefined) return span;
  return `${span} in ${formatSpan(host.wall_ms)}, ${formatCount(host.simulated_per_wall)} × real time`;
}

function throughputText(summary: Summary): string {
  if (summary.request_throughput_rps === undefined) return '–';
  return [
    `${formatQuantity(summary.request_throughput_rps)} requests/s`,
    `${formatQuantity(summary.input_throughput_tok_s ?? 0)} input tok/s`,
    `${formatQuantity(summary.output_throughput_tok_s ?? 0)} output tok/s`,
  ].join(' · ');
}

function reuseText(summary: Summary): string {
  const ratio = summary.prefix_cache_reused_ratio;
  const first = summary.first_admission_prefix_cache_reused_ratio;
  if (ratio === undefined || first === undefined) return '–';
  const reused = formatCount(summary.prefix_cache_reused_tokens);
  const tokens = `${reused} of ${formatCount(summary.input_tokens)} input tokens`;
  const firstText = first === ratio ? '' : `, ${formatRatio(first)} at first admission`;
  return `${formatRatio(ratio)} reused (${tokens}${firstText})`;
}

function kvText(summary: Summary): string {
  const { peak_kv_blocks: peak, total_kv_blocks: total } = summary;
  const share = total > 0 ? `, ${formatRatio(peak / total)}` : '';
  return `peak ${formatCount(peak)} of ${formatCount(total)} a worker${share}`;
}

function gpuText({ summary, config }: Report): string {
  const { workers, gpus_per_worker, pools } = config.cluster;
  const fleet = pools ?? [{ workers, gpus_per_worker }];
  const count = fleet.reduce((sum, pool) => sum + pool.workers * pool.gpus_per_worker, 0);
  const gpus = formatNumber(count, 'GPU');
  const busy = summary.gpu_busy_ratio;
  const hours = formatQuantity(summary.gpu_hours);
  return busy === undefined
    ? `${hours} (${gpus})`
    : `${hours} (${gpus}, ${formatRatio(busy)} busy)`;
}

/** `90 requests with 200 items, 60 % of which were there already`. */
function encodeText({ requests, items, cache_hit_ratio: ratio }: EncodeSummary): string {
  const of = `${formatNumber(requests, 'request')} with ${formatNumber(items, 'item')}`;
  return ratio === undefined ? of : `${of}, ${formatRatio(ratio)} of which were there already`;
}

function handOffText({ requests, transfer_bytes }: HandOffSummary): string {
  const moved = transfer_bytes === 0 ? 'in no time' : `${formatBytes(transfer_bytes)} moved`;
  return `${formatNumber(requests, 'request')} from prefill to decode workers, ${moved}`;
}

/** `312 of 1,000 requests (31.2 %): 300 short_prompt, 12 prefill_busy; 688 remote`. */
function bypassText({ asked, bypassed, bypass, remote }: BypassSummary): string {
  const named = (reasons: Readonly<Record<string, number>>): string =>
    VERDICTS.filter((reason) => reasons[reason] !== undefined)
      .map((reason) => `${formatCount(reasons[reason]!)} ${reason}`)
      .join(', ');
  const share = asked === 0 ? '' : ` (${formatRatio(bypassed / asked)})`;
  const parts = [named(bypass), named(remote)].filter((part) => part !== '').join('; ');
  return `${formatCount(bypassed)} of ${formatNumber(asked, 'request')}${share}: ${parts}`;
}

function eventsText({ published, lost, duplicated, orphaned }: KvEventCounts): string {
  const parts = [`${formatCount(published)} published`, `${formatCount(lost)} lost`];
  parts.push(`${formatCount(duplicated)} twice`);
  parts.push(`${formatCount(orphaned)} skipped for an earlier loss`);
  return parts.join(', ');
}

function goodputText({ summary, config }: Report): string {
  const { goodput } = summary;
  if (goodput === undefined) return '–';
  const { ttft_ms, itl_ms, e2e_ms } = config.slo;
  const bounds = [
    ...(ttft_ms === undefined ? [] : [`TTFT ≤ ${ttft_ms} ms`]),
    ...(itl_ms === undefined ? [] : [`mean ITL ≤ ${itl_ms} ms`]),
    ...(e2e_ms === undefined ? [] : [`E2E ≤ ${e2e_ms} ms`]),
  ];
  const parts = [`${formatCount(goodput.completed)} completed in time`];
  if (goodput.ratio !== undefined) parts.push(formatRatio(goodput.ratio));
  if (goodput.request_rps !== undefined) {
    parts.push(`${formatQuantity(goodput.request_rps)} requests/s`);
    parts.push(`${formatQuantity(goodput.output_tok_s ?? 0)} output tok/s`);
  }
  return `${parts.join(' · ')} (${bounds.join(', ')})`;
}
