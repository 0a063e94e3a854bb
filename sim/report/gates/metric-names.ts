import { ANOMALY_KEYS } from '../anomalies/anomalies.ts';
import type { Goodput } from '../goodput.ts';
import { PERCENTILES, type Statistics } from '../statistics.ts';
import type { Summary } from '../summary.ts';
import type { TenantRow } from '../tenant-rows.ts';

const STATISTICS: readonly (keyof Statistics)[] = [
  'mean',
  'std',
  'min',
  ...PERCENTILES.map((p): `p${(typeof PERCENTILES)[number]}` => `p${p}`),
  'max',
  'n',
];

const GOODPUT = [
  'completed',
  'request_rps',
  'output_tok_s',
  'ratio',
] as const satisfies readonly (keyof Goodput)[];

const LATENCIES = ['ttft_ms', 'tpot_ms', 'e2e_ms', 'queue_ms'] as const;

const SUMMARY_NUMBERS = [
  'requests',
  'completed',
  'rejected',
  'cancelled',
  'timed_out',
  'incomplete',
  'request_throughput_rps',
  'input_throughput_tok_s',
  'output_throughput_tok_s',
  'total_throughput_tok_s',
  'input_tokens',
  'output_tokens',
  'prefix_cache_reused_tokens',
  'prefix_cache_reused_ratio',
  'first_admission_prefix_cache_reused_ratio',
  'committed_prefill_tokens',
  'preemptions',
  'forward_passes',
  'peak_kv_blocks',
  'total_kv_blocks',
  'gpu_hours',
  'gpu_busy_ratio',
] as const satisfies readonly (keyof Summary)[];

const TENANT_NUMBERS = [
  'requests',
  'completed',
  'rejected',
  'cancelled',
  'timed_out',
  'incomplete',
  'input_tokens',
  'output_tokens',
  'output_share',
  'request_throughput_rps',
  'output_throughput_tok_s',
  'prefix_cache_reused_ratio',
] as const satisfies readonly (keyof TenantRow)[];

function statisticsOf(latencies: readonly string[]): readonly string[] {
  return latencies.flatMap((latency) => STATISTICS.map((name) => `${latency}.${name}`));
}

const goodputNames = GOODPUT.map((name) => `goodput.${name}`);

/** Every number that a gate may ask of a whole run, as a path without `summary.`. */
export const RUN_METRICS: readonly string[] = [
  ...statisticsOf([...LATENCIES, 'itl_ms']),
  ...SUMMARY_NUMBERS,
  ...goodputNames,
  'attempts.amplification',
  'attempts.failed_requests',
  'wasted.prefill_tokens',
  'wasted.output_tokens',
  ...ANOMALY_KEYS.map((key) => `anomalies.${key}`),
  'simulated_ms',
];

/** Every number that a gate may ask of one tenant. */
export const TENANT_METRICS: readonly string[] = [
  ...statisticsOf(LATENCIES),
  ...TENANT_NUMBERS,
  ...goodputNames,
];
