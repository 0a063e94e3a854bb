import type { Report } from '../report/report.ts';
import type { Summary } from '../report/summary.ts';
import type { OutcomeColumn } from './outcome.ts';

/** How a metric comes out of requests that all candidates completed, or out of a whole run. */
export type MetricSource =
  | {
      /** Σ numerator ÷ Σ denominator, or ÷ number of requests. */
      readonly kind: 'mean';
      readonly numerator: OutcomeColumn;
      readonly denominator?: OutcomeColumn;
    }
  | { readonly kind: 'percentile'; readonly column: OutcomeColumn; readonly percentile: number }
  | { readonly kind: 'run'; readonly read: (report: Report) => number | undefined };

export interface Metric {
  /** Key in the JSON form. */
  readonly key: string;
  /** As a sentence names it. */
  readonly label: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly source: MetricSource;
  /** One of the rows that tables leave out unless they are asked for. */
  readonly detail?: true;
}

function latency(
  column: OutcomeColumn,
  name: string,
  label: string,
  percentiles: readonly number[],
): Metric[] {
  const base = { unit: 'ms', better: 'lower' } as const;
  const mean: Metric = {
    ...base,
    key: `${name}_ms_mean`,
    label: `mean ${label}`,
    source: { kind: 'mean', numerator: column },
  };
  const others = percentiles.map(
    (percentile): Metric => ({
      ...base,
      key: `${name}_ms_p${percentile}`,
      label: `p${percentile} ${label}`,
      source: { kind: 'percentile', column, percentile },
      ...(percentile < 99 && { detail: true }),
    }),
  );
  return [mean, ...others];
}

function ofRun(
  key: string,
  label: string,
  unit: string,
  better: 'lower' | 'higher',
  read: (summary: Summary) => number | undefined,
): Metric {
  return { key, label, unit, better, source: { kind: 'run', read: (r) => read(r.summary) } };
}

/** Everything that candidates are compared by, in the order in which it is printed. */
export const METRICS: readonly Metric[] = [
  ...latency('ttftMs', 'ttft', 'TTFT', [50, 90, 95, 99]),
  ...latency('tpotMs', 'tpot', 'TPOT', [99]),
  {
    key: 'itl_ms_mean',
    label: 'mean ITL',
    unit: 'ms',
    better: 'lower',
    source: { kind: 'mean', numerator: 'gapSumMs', denominator: 'gaps' },
  },
  // Single gaps are pooled in a sketch as they come: their percentiles are those of the whole run.
  { ...ofRun('itl_ms_p50', 'p50 ITL', 'ms', 'lower', (s) => s.itl_ms.p50), detail: true },
  { ...ofRun('itl_ms_p90', 'p90 ITL', 'ms', 'lower', (s) => s.itl_ms.p90), detail: true },
  { ...ofRun('itl_ms_p95', 'p95 ITL', 'ms', 'lower', (s) => s.itl_ms.p95), detail: true },
  ofRun('itl_ms_p99', 'p99 ITL', 'ms', 'lower', (s) => s.itl_ms.p99),
  ...latency('e2eMs', 'e2e', 'E2E', [50, 90, 95, 99]),
  ...latency('queueMs', 'queue', 'queue time', []),
  {
    key: 'prefix_cache_reused_ratio',
    label: 'prefix cache reuse',
    unit: '',
    better: 'higher',
    source: { kind: 'mean', numerator: 'reusedTokens', denominator: 'inputTokens' },
  },
  ofRun('goodput_request_rps', 'goodput', 'req/s', 'higher', (s) => s.goodput?.request_rps),
  ofRun(
    'request_throughput_rps',
    'request throughput',
    'req/s',
    'higher',
    (s) => s.request_throughput_rps,
  ),
  ofRun(
    'output_throughput_tok_s',
    'output throughput',
    'tok/s',
    'higher',
    (s) => s.output_throughput_tok_s,
  ),
  ofRun('completed', 'completed', 'requests', 'higher', (s) => s.completed),
  ofRun('preemptions', 'preemptions', '', 'lower', (s) => s.preemptions),
];

/** What most people decide by. Only these are corrected for being judged together. */
export const HEADLINE_KEYS: readonly string[] = [
  'ttft_ms_mean',
  'ttft_ms_p99',
  'itl_ms_mean',
  'e2e_ms_mean',
  'goodput_request_rps',
];

const TENANT_KEYS = [
  'ttft_ms_mean',
  'ttft_ms_p50',
  'ttft_ms_p99',
  'itl_ms_mean',
  'e2e_ms_mean',
  'e2e_ms_p99',
  'prefix_cache_reused_ratio',
];

/** What is compared of each tenant: a share of the requests has no throughput of its own. */
export const TENANT_METRICS: readonly Metric[] = METRICS.filter(({ key }) =>
  TENANT_KEYS.includes(key),
);
