import { canonicalJson } from '#core/base/canonical-json.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';

/** Metrics, by key, that get no verdict in a comparison, and why. */
export interface Unjudged {
  readonly metrics: readonly string[];
  readonly reason: string;
}

const THROUGHPUTS = ['request_throughput_rps', 'output_throughput_tok_s'];
const GOODPUTS = ['goodput_request_rps'];

const ARRIVALS = 'in an open loop the arrivals set the throughput, not the candidate';
const OBJECTIVES =
  'the candidates have different objectives, so that goodput counts other requests';

/**
 * The metrics that say nothing about which of these configs is better: throughput where the arrivals
 * of one of them come whether or not it keeps up, goodput where the objectives themselves differ.
 */
export function unjudgedMetrics(
  configs: readonly Pick<ResolvedConfig, 'workload' | 'slo'>[],
): readonly Unjudged[] {
  const open = configs.some(
    ({ workload }) => workload.concurrency === undefined && workload.max_concurrency === undefined,
  );
  const objectives = new Set(configs.map(({ slo }) => canonicalJson(slo)));
  return [
    ...(open ? [{ metrics: THROUGHPUTS, reason: ARRIVALS }] : []),
    ...(objectives.size > 1 ? [{ metrics: GOODPUTS, reason: OBJECTIVES }] : []),
  ];
}

/** Whether a metric is one of them. */
export function isUnjudged(unjudged: readonly Unjudged[], key: string): boolean {
  return unjudged.some(({ metrics }) => metrics.includes(key));
}
