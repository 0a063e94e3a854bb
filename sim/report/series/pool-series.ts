import type { DataTable } from '../data-table.ts';
import type { RunResult } from '../run-result.ts';
import { runSeries } from './run-series.ts';

/** What workers are and do; latencies and arrivals are those of whole requests. */
const OF_WORKERS = new Set([
  'to_ms',
  'waiting',
  'running',
  'kv_used_ratio',
  'kv_cached_ratio',
  'prefill_tok_s',
  'output_tok_s',
  'busy_ratio',
]);

/** One pool step by step, `view` being the run as the pool saw it: a row a step. */
export function poolSeries(view: RunResult): DataTable {
  return runSeries(view, view.timeline!, {}).filter(({ name }) => OF_WORKERS.has(name));
}
