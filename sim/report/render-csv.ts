import { csvLine } from './csv-line.ts';
import { LATENCIES } from './facts.ts';
import type { Report } from './report.ts';
import { PERCENTILES, type Statistics } from './statistics.ts';

const STATISTICS = ['mean', 'std', 'min', ...PERCENTILES.map((p) => `p${p}`), 'max', 'n'];

type Cell = string | number | undefined;

/**
 * The report as a header and one row. The columns never depend on the run, so rows of many runs can
 * be put under one header; what a run does not have is an empty cell.
 */
export function renderReportCsv(report: Report): string {
  const columns = [...identity(report), ...latencies(report), ...facts(report)];
  return csvLine(columns.map(([name]) => name)) + csvLine(columns.map(([, value]) => value));
}

function identity(report: Report): [string, Cell][] {
  return [
    ['trace', report.trace.path],
    ['trace_sha256', report.trace.sha256],
    ['config_sha256', report.config_sha256],
    ['seed', report.seed],
    ['router_mode', report.config.router.mode],
    ['workers', workersOf(report)],
    ['simulated_ms', report.simulated_ms],
    ['requests', report.summary.requests],
    ['completed', report.summary.completed],
    ['rejected', report.summary.rejected],
    ['incomplete', report.summary.incomplete],
    ['cancelled', report.summary.cancelled],
    ['timed_out', report.summary.timed_out],
  ];
}

function workersOf({ config, pools }: Report): number {
  return pools?.reduce((sum, pool) => sum + pool.workers, 0) ?? config.cluster.workers;
}

function latencies({ summary }: Report): [string, Cell][] {
  return LATENCIES.flatMap(({ key }) =>
    STATISTICS.map((name): [string, Cell] => {
      const value = summary[key][name as keyof Statistics];
      return [`${key}_${name}`, typeof value === 'number' ? value : undefined];
    }),
  );
}

function facts({ summary }: Report): [string, Cell][] {
  return [
    ['request_throughput_rps', summary.request_throughput_rps],
    ['input_throughput_tok_s', summary.input_throughput_tok_s],
    ['output_throughput_tok_s', summary.output_throughput_tok_s],
    ['total_throughput_tok_s', summary.total_throughput_tok_s],
    ['input_tokens', summary.input_tokens],
    ['output_tokens', summary.output_tokens],
    ['prefix_cache_reused_ratio', summary.prefix_cache_reused_ratio],
    [
      'first_admission_prefix_cache_reused_ratio',
      summary.first_admission_prefix_cache_reused_ratio,
    ],
    ['committed_prefill_tokens', summary.committed_prefill_tokens],
    ['preemptions', summary.preemptions],
    ['peak_kv_blocks', summary.peak_kv_blocks],
    ['gpu_hours', summary.gpu_hours],
    ['gpu_busy_ratio', summary.gpu_busy_ratio],
    ['goodput_completed', summary.goodput?.completed],
    ['goodput_ratio', summary.goodput?.ratio],
    ['goodput_request_rps', summary.goodput?.request_rps],
    ['goodput_output_tok_s', summary.goodput?.output_tok_s],
    ['cap_offered_rps', summary.cap?.offered_rps],
    ['cap_achieved_rps', summary.cap?.achieved_rps],
    ['cap_binding_ratio', summary.cap?.binding_ratio],
    ['cap_delay_ms_mean', summary.cap?.delay_ms.mean],
    ['cap_delay_ms_p99', summary.cap?.delay_ms.p99],
    ['attempts', summary.attempts?.total],
    ['retry_amplification', summary.attempts?.amplification],
    ['wasted_prefill_tokens', summary.wasted?.prefill_tokens],
    ['wasted_output_tokens', summary.wasted?.output_tokens],
    ['warmup_requests', summary.warmup?.requests],
  ];
}
