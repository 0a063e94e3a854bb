import { buildReport } from '#sim/report/report.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import type { Flight } from './translate.ts';

/** What we print for a case, in the peer's words. */
export interface Outcome {
  readonly summary: Readonly<Record<string, number>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly result: RunResult;
}

/** Flies a case once. */
export function fly(flight: Flight, seed: number): Outcome {
  const { config, trace } = flight;
  const { batches, hasContent, sessions } = trace;
  const result = run({ config, seed, batches, hasContent, sessions });
  return { summary: summaryOf(flight, result, seed), rows: rowsOf(result), result };
}

const DISTRIBUTIONS = ['ttft_ms', 'ttst_ms', 'tpot_ms', 'itl_ms', 'e2e_ms'] as const;

function summaryOf(flight: Flight, result: RunResult, seed: number): Record<string, number> {
  const context = { config: flight.config, configSha256: '', seed, trace: flight.trace };
  const { summary, simulated_ms } = buildReport(result, context);
  const out: Record<string, number> = {
    num_requests: summary.requests,
    completed_requests: summary.completed,
    committed_prefill_tokens: summary.committed_prefill_tokens,
    total_input_tokens: summary.input_tokens,
    total_output_tokens: summary.output_tokens,
    duration_ms: simulated_ms,
    output_throughput_tok_s: summary.output_throughput_tok_s ?? 0,
    request_throughput_rps: summary.request_throughput_rps ?? 0,
    input_throughput_tok_s: summary.input_throughput_tok_s ?? 0,
    total_throughput_tok_s: summary.total_throughput_tok_s ?? 0,
    prefix_cache_reused_ratio: summary.prefix_cache_reused_ratio ?? 0,
    first_admission_prefix_cache_reused_ratio:
      summary.first_admission_prefix_cache_reused_ratio ?? 0,
    num_ttft_samples: summary.ttft_ms.n,
    num_tpot_samples: summary.tpot_ms.n,
    num_e2e_latency_samples: summary.e2e_ms.n,
  };
  for (const key of DISTRIBUTIONS) {
    if (key === 'ttst_ms') continue;
    const peerKey = key === 'e2e_ms' ? 'e2e_latency_ms' : key;
    const { mean, std, min, p50, p75, p90, p95, p99, max } = summary[key];
    const named = { mean, std, min, median: p50, p75, p90, p95, p99, max };
    // The peer prints 0 where there is no sample.
    for (const [name, value] of Object.entries(named)) {
      if (value !== undefined || summary[key].n === 0) out[`${name}_${peerKey}`] = value ?? 0;
    }
  }
  if (summary.goodput !== undefined) {
    out['goodput_completed_requests'] = summary.goodput.completed;
    out['goodput_request_throughput_rps'] = summary.goodput.request_rps ?? 0;
    out['goodput_output_throughput_tok_s'] = summary.goodput.output_tok_s ?? 0;
  }
  return out;
}

function rowsOf(result: RunResult): Record<string, unknown>[] {
  const table = result.requests;
  const rows: Record<string, unknown>[] = [];
  for (let row = 0; row < table.count; row++) {
    const finished = table.status[row] === RequestStatus.completed;
    if (!finished && table.status[row] !== RequestStatus.rejected) continue;
    const ms = (ns: number): number | undefined => (ns === NEVER ? undefined : ns / 1e6);
    const gap = (from: number, to: number): number | undefined =>
      from === NEVER || to === NEVER ? undefined : (to - from) / 1e6;
    const arrival = table.arrivalNs[row]!;
    const first = table.firstTokenNs[row]!;
    const last = table.lastTokenNs[row]!;
    const gaps = table.outputTokens[row]! - 1;
    const overlap = table.overlapBlocks[row]!;
    const best = table.bestOverlapBlocks[row]!;
    rows.push({
      arrival_time_ms: ms(arrival),
      first_admit_ms: ms(table.firstAdmitNs[row]!),
      first_token_ms: ms(first),
      last_token_ms: ms(last),
      terminal_time_ms: ms(table.terminalNs[row]!),
      ttft_ms: gap(arrival, first),
      ttst_ms: gap(first, table.secondTokenNs[row]!),
      itl_ms: gaps > 0 ? gap(first, last)! / gaps : undefined,
      e2e_latency_ms: gap(arrival, last),
      input_length: table.inputTokens[row],
      requested_output_length: table.requestedTokens[row],
      output_length: table.outputTokens[row],
      reused_input_tokens: table.reusedTokens[row],
      decode_worker_idx: table.worker[row],
      session_id: result.requests.sessionNames[table.session[row]!],
      turn_index: table.session[row]! < 0 ? undefined : table.turn[row],
      admission_count: table.admissions[row],
      readmission_count: Math.max(0, table.admissions[row]! - 1),
      terminal_status: finished ? 'completed' : 'rejected',
      queue_wait_ms: gap(arrival, table.routedNs[row]!),
      selected_overlap_blocks: overlap,
      best_available_overlap_blocks: best,
      overlap_regret_blocks: best - overlap,
    });
  }
  return rows.sort(byArrival);
}

/** The order in which the goldens list requests. */
function byArrival(a: Record<string, unknown>, b: Record<string, unknown>): number {
  const keys = [
    'arrival_time_ms',
    'session_id',
    'turn_index',
    'input_length',
    'requested_output_length',
    'first_token_ms',
  ];
  for (const key of keys) {
    const left = (a[key] ?? (key === 'session_id' ? '' : 0)) as number | string;
    const right = (b[key] ?? (key === 'session_id' ? '' : 0)) as number | string;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
