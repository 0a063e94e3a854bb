/** Sums of whole things: equal or wrong. */
const COUNTS: ReadonlySet<string> = new Set([
  'num_requests',
  'completed_requests',
  'committed_prefill_tokens',
  'total_input_tokens',
  'total_output_tokens',
  'processed_tokens',
  'num_ttft_samples',
  'num_tpot_samples',
  'num_e2e_latency_samples',
  'goodput_completed_requests',
]);

export function isCount(metric: string): boolean {
  return COUNTS.has(metric);
}

/**
 * Percentiles that the peer reads from a sketch of 0.1 % relative error, as we do; and the greatest
 * rate per user, since the least gap that is not 0 comes out of ours.
 */
export function isSketched(metric: string): boolean {
  return /^(?:(?:median|p\d+)_itl_ms|(?:median|p\d+|max)_output_token_throughput_per_user)$/.test(
    metric,
  );
}

/** A single extreme request says nothing about a distribution; nor does the spread of one run. */
export function isExtreme(metric: string): boolean {
  return /^(?:min|max|std)_/.test(metric);
}

/** Percentiles, of which five runs know their own spread badly. */
export function isUnsteady(metric: string): boolean {
  return /^(?:median|p\d+)_/.test(metric);
}

export function isReuseRatio(metric: string): boolean {
  return metric.endsWith('prefix_cache_reused_ratio');
}
