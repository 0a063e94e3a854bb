import { join } from 'node:path';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { TraceCollector } from '#traces/collector.ts';
import { readTraceFile } from '#traces/files.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import type { GoldenInput } from './golden.ts';
import { syntheticRows } from './synthetic.ts';

/** A case as Windtunnel flies it. */
export interface Flight {
  readonly config: ResolvedConfig;
  readonly trace: LoadedTrace;
}

/** Keys of the peer's engine that are ours by the same name. */
const ENGINE_KEYS = [
  'backend',
  'block_size',
  'num_gpu_blocks',
  'max_num_seqs',
  'max_num_batched_tokens',
  'max_model_len',
  'enable_prefix_caching',
  'enable_chunked_prefill',
  'preemption_mode',
  'speedup_ratio',
  'decode_speedup_ratio',
];

function engineOf(input: GoldenInput): Readonly<Record<string, unknown>> {
  const given = input.engine ?? {};
  const { engine, ...beside } = given;
  if (engine === undefined) return given;
  return { ...(engine as Readonly<Record<string, unknown>>), ...beside };
}

/** Why a case cannot be flown yet, or undefined when it can. */
export function notYetFlown(input: GoldenInput): string | undefined {
  if (input.prefill_engine !== undefined || input.decode_engine !== undefined) {
    return 'prefill apart from decode';
  }
  const engine = engineOf(input);
  if (engine['backend'] !== 'vllm') return `engine ${String(engine['backend'])}`;
  if (engine['native_host_offload'] !== undefined) return 'host offload';
  if (engine['aic_nextn'] !== undefined) return 'speculative decoding';
  if (engine['dp_size'] !== undefined) return 'attention data parallelism';
  if (input.router_policy_yaml !== undefined) return 'policy classes';
  if ((input.trace_format ?? 'mooncake') !== 'mooncake') return `format ${input.trace_format}`;
  const known = new Set([...ENGINE_KEYS, 'timing_model']);
  const unknown = Object.keys(engine).filter((key) => !known.has(key));
  return unknown.length > 0 ? `engine keys ${unknown.join(', ')}` : undefined;
}

function routerOf(input: GoldenInput): Record<string, unknown> {
  const mode = input.router_mode ?? 'round_robin';
  const router: Record<string, unknown> = { mode, ...input.router_config };
  if (input.kv_event_lag_ms !== undefined) router['kv_event_lag_ms'] = input.kv_event_lag_ms;
  return router;
}

function workloadOf(input: GoldenInput): Record<string, unknown> {
  const workload: Record<string, unknown> = {};
  if (input.trace_block_size !== undefined) workload['trace_block_size'] = input.trace_block_size;
  if (input.first_rows !== undefined) workload['num_requests'] = input.first_rows;
  if (input.replay_concurrency !== undefined) workload['concurrency'] = input.replay_concurrency;
  else if (input.arrival_speedup_ratio !== undefined) {
    workload['arrival_speedup_ratio'] = input.arrival_speedup_ratio;
  }
  return workload;
}

function sloOf(input: GoldenInput): Record<string, number> {
  const slo: Record<string, number> = {};
  if (input.sla_ttft_ms !== undefined) slo['ttft_ms'] = input.sla_ttft_ms;
  if (input.sla_itl_ms !== undefined) slo['itl_ms'] = input.sla_itl_ms;
  if (input.sla_e2e_ms !== undefined) slo['e2e_ms'] = input.sla_e2e_ms;
  return slo;
}

/** The config that makes Windtunnel do what the case asks of the peer. */
export function configOf(input: GoldenInput, stepping: 'exact' | 'leap'): ResolvedConfig {
  const given = engineOf(input);
  const engine: Record<string, unknown> = { stepping };
  for (const key of ENGINE_KEYS) if (given[key] !== undefined) engine[key] = given[key];
  if (given['timing_model'] !== undefined) engine['timing'] = given['timing_model'];
  const config: Record<string, unknown> = {
    version: 1,
    compat: 'dynamo-1.6',
    cluster: { workers: input.workers ?? 1 },
    engine,
    router: routerOf(input),
    workload: workloadOf(input),
    slo: sloOf(input),
  };
  if (input.max_sim_time_ms !== undefined) {
    config['simulation'] = { max_sim_time_ms: input.max_sim_time_ms };
  }
  return resolveConfig(config, []);
}

/** Loads the traffic of a case. */
export async function traceOf(input: GoldenInput, tracesFolder: string): Promise<LoadedTrace> {
  const traceBlockSize = input.trace_block_size ?? 512;
  if (input.trace !== undefined) {
    return readTraceFile(join(tracesFolder, input.trace), { format: 'mooncake', traceBlockSize });
  }
  const rows =
    input.synthetic === undefined
      ? (input.requests ?? [])
      : syntheticRows(input.synthetic, traceBlockSize);
  const collector = new TraceCollector('inline', { format: 'mooncake', traceBlockSize });
  collector.push(new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  return collector.finish('');
}
