import { collectLatency } from '#sim/report/latency.ts';
import { buildReport } from '#sim/report/report.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { describeSamples, type Statistics } from '#sim/report/statistics.ts';
import { addUp } from '#sim/report/totals.ts';
import { NEVER } from '#sim/workload/request-table.ts';
import type { Flight } from './translate.ts';

type Summary = Record<string, number>;

/** The peer's names for a report of ours; it prints 0 where there is no sample. */
export function summaryOf(flight: Flight, result: RunResult, seed: number): Summary {
  const context = { config: flight.config, configSha256: '', seed, trace: flight.trace };
  const { summary } = buildReport(result, context);
  const out: Summary = {
    num_requests: summary.requests,
    completed_requests: summary.completed,
    committed_prefill_tokens: summary.committed_prefill_tokens,
    total_input_tokens: summary.input_tokens,
    total_output_tokens: summary.output_tokens,
    processed_tokens: summary.input_tokens + summary.output_tokens,
    duration_ms: addUp(result.requests, 0).servedMs,
    request_throughput_rps: summary.request_throughput_rps ?? 0,
    input_throughput_tok_s: summary.input_throughput_tok_s ?? 0,
    output_throughput_tok_s: summary.output_throughput_tok_s ?? 0,
    total_throughput_tok_s: summary.total_throughput_tok_s ?? 0,
    prefix_cache_reused_ratio: summary.prefix_cache_reused_ratio ?? 0,
    first_admission_prefix_cache_reused_ratio:
      summary.first_admission_prefix_cache_reused_ratio ?? 0,
    num_ttft_samples: summary.ttft_ms.n,
    num_tpot_samples: summary.tpot_ms.n,
    num_e2e_latency_samples: summary.e2e_ms.n,
  };
  addStatistics(out, 'ttft_ms', summary.ttft_ms);
  addStatistics(out, 'ttst_ms', describeSamples(secondTokenGaps(result)));
  addStatistics(out, 'tpot_ms', summary.tpot_ms);
  addStatistics(out, 'itl_ms', summary.itl_ms);
  addStatistics(out, 'e2e_latency_ms', summary.e2e_ms);
  addPerUser(out, result);
  if (summary.goodput !== undefined) {
    out.goodput_completed_requests = summary.goodput.completed;
    out.goodput_request_throughput_rps = summary.goodput.request_rps ?? 0;
    out.goodput_output_throughput_tok_s = summary.goodput.output_tok_s ?? 0;
  }
  return out;
}

function addStatistics(out: Summary, key: string, statistics: Statistics): void {
  const { mean, std, min, p50, p75, p90, p95, p99, max, n } = statistics;
  const named = { mean, std, min, median: p50, p75, p90, p95, p99, max };
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined || n === 0) out[`${name}_${key}`] = value ?? 0;
  }
}

/** First token → second token, milliseconds; the peer calls it TTST. */
function secondTokenGaps(result: RunResult): Float64Array {
  return collectLatency(result.requests, ({ firstTokenNs, secondTokenNs }, row) => {
    const second = secondTokenNs[row]!;
    return second === NEVER ? Number.NaN : (second - firstTokenNs[row]!) / 1e6;
  });
}

/** 1000 ÷ gap of every gap above 0: the percentiles of the gaps from the other end. */
function addPerUser(out: Summary, { itlNs }: RunResult): void {
  // The peer ranks from its other end, where half a rank is rounded the other way.
  const last = Math.max(1, itlNs.count - 1);
  const positive = itlNs.count - itlNs.countUpTo(0);
  const perSecond = (q: number): number => {
    const gapNs = itlNs.quantile(1 - Math.round(Math.max(0, positive - 1) * q) / last);
    return gapNs === undefined || gapNs === 0 ? 0 : 1e9 / gapNs;
  };
  const quantiles = { min: 0, median: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, max: 1 };
  for (const [name, q] of Object.entries(quantiles)) {
    out[`${name}_output_token_throughput_per_user`] = perSecond(q);
  }
}
