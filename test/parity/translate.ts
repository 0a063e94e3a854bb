import { join } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { ConfigError } from '#core/config/config-error.ts';
import { parsePolicyText } from '#core/config/policy-file/policy-file.ts';
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

export type Stepping = 'exact' | 'leap';

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
  'prefill_decode_interval',
];

/** Keys of the peer's section for SGLang, ours by the same name. */
const SGLANG_KEYS = [
  'chunked_prefill_size',
  'max_prefill_tokens',
  'clip_max_new_tokens',
  'schedule_conservativeness',
];

/** Those that become keys by other names. */
const TRANSLATED_KEYS = [
  'timing_model',
  'dp_size',
  'worker_type',
  'aic_nextn',
  'aic_nextn_accept_rates',
  'sglang',
];

/** Formats of rows that the peer and we share. */
const FORMATS: ReadonlySet<string> = new Set(['mooncake', 'mooncake_delta']);

/** More requests than any batch can hold: what the peer means by no limit. */
const NO_LIMIT = 1_000_000;

/** Keys of a hand-off, which the peer has in each engine. */
const TRANSFER_KEYS = [
  'kv_transfer_bytes_per_token',
  'kv_transfer_bandwidth',
  'kv_transfer_timing_mode',
];

type Settings = Readonly<Record<string, unknown>>;

/** An engine's settings, whether they stand alone or beside those of the worker around it. */
function engineOf(given: Settings = {}): Settings {
  const { engine, ...beside } = given;
  if (engine === undefined) return given;
  return { ...(engine as Settings), ...beside };
}

/** The peer scales no time at all with a ratio of 0; ours refuses it. */
function ratioOf(value: unknown): unknown {
  return value === 0 ? 1 : value;
}

/** The peer takes one rate for each draft, as text, and ignores those beyond. */
function draftsOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const drafts = Number(given.aic_nextn);
  const rates = given.aic_nextn_accept_rates;
  return {
    num_speculative_tokens: drafts,
    ...(typeof rates === 'string' && {
      speculative_acceptance_rates: rates.split(',').slice(0, drafts).map(Number),
    }),
  };
}

/** A page is one token unless it is said how many. */
function sglangOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const section = (given.sglang ?? {}) as Readonly<Record<string, unknown>>;
  const ours: Record<string, unknown> = {
    block_size: given.block_size ?? section.page_size ?? 1,
  };
  for (const key of SGLANG_KEYS) if (section[key] !== undefined) ours[key] = section[key];
  const policy = section.schedule_policy;
  if (policy !== undefined) ours.schedule_policy = policy === 'fifo' ? 'fcfs' : policy;
  return ours;
}

function engineConfig(settings: Settings | undefined): Record<string, unknown> {
  const given = engineOf(settings);
  const engine: Record<string, unknown> = {};
  for (const key of ENGINE_KEYS) {
    const value = given[key];
    if (value === undefined) continue;
    if (value !== null) engine[key] = key.endsWith('speedup_ratio') ? ratioOf(value) : value;
    else if (key === 'max_num_seqs') engine[key] = NO_LIMIT;
  }
  if (given.dp_size !== undefined) engine.data_parallel_size = given.dp_size;
  if (given.aic_nextn !== undefined) Object.assign(engine, draftsOf(given));
  if (given.backend === 'sglang') Object.assign(engine, sglangOf(given));
  if (given.timing_model !== undefined) engine.timing = given.timing_model;
  return engine;
}

/** Settings of the router that mean nothing to the peer either in this case are left out. */
function routerConfig(input: GoldenInput): Record<string, unknown> {
  const mode = input.router_mode ?? 'round_robin';
  if (mode !== 'kv_router') return { mode };
  const router: Record<string, unknown> = { mode, ...input.router_config };
  if (input.kv_event_lag_ms !== undefined) router.kv_event_lag_ms = input.kv_event_lag_ms;
  if (input.router_policy_yaml !== undefined) {
    router.router_policy_config = parsePolicyText(input.router_policy_yaml, 'router_policy_yaml');
  }
  if ((router.router_queue_threshold ?? null) === null) {
    delete router.router_queue_threshold;
    delete router.router_queue_policy;
  }
  if (router.overlap_score_credit === 0) delete router.overlap_score_credit_decay;
  if (router.overlap_score_weight === null) delete router.overlap_score_weight;
  return router;
}

/** The workers of a case: all alike, or prefill apart from decode. */
function clusterConfig(input: GoldenInput, stepping: Stepping): Record<string, unknown> {
  const { prefill_engine: prefill, decode_engine: decode } = input;
  if (prefill === undefined || decode === undefined) {
    return {
      cluster: { workers: input.workers ?? 1 },
      engine: { stepping, ...engineConfig(input.engine) },
    };
  }
  const pools = [
    { role: 'prefill', workers: input.prefill_workers ?? 1, engine: engineConfig(prefill) },
    { role: 'decode', workers: input.decode_workers ?? 1, engine: engineConfig(decode) },
  ];
  return { cluster: { pools }, engine: { stepping }, kv_transfer: transferConfig(prefill) };
}

/** Without a bandwidth, or with one of 0, the peer moves a KV cache in no time. */
function transferConfig(settings: Settings): Record<string, unknown> {
  const given = engineOf(settings);
  const bandwidth = Number(given.kv_transfer_bandwidth ?? 0);
  const mode = given.kv_transfer_timing_mode;
  if (given.kv_transfer_bytes_per_token === undefined || bandwidth <= 0) return {};
  return {
    bytes_per_token: given.kv_transfer_bytes_per_token,
    bandwidth_gb_s: bandwidth,
    ...(mode !== undefined && { timing_mode: mode }),
  };
}

function workloadConfig(input: GoldenInput): Record<string, unknown> {
  const workload: Record<string, unknown> = {};
  if (input.trace_block_size !== undefined) workload.trace_block_size = input.trace_block_size;
  if (input.first_rows !== undefined) workload.num_requests = input.first_rows;
  const rate = input.synthetic?.request_rate;
  if (input.replay_concurrency !== undefined) workload.concurrency = input.replay_concurrency;
  else if (rate !== undefined) Object.assign(workload, { arrivals: 'poisson', request_rate: rate });
  else if (input.arrival_speedup_ratio !== undefined) {
    workload.arrival_speedup_ratio = input.arrival_speedup_ratio;
  }
  return workload;
}

function sloConfig(input: GoldenInput): Record<string, number> {
  const slo: Record<string, number> = {};
  if (input.sla_ttft_ms !== undefined) slo.ttft_ms = input.sla_ttft_ms;
  if (input.sla_itl_ms !== undefined) slo.itl_ms = input.sla_itl_ms;
  if (input.sla_e2e_ms !== undefined) slo.e2e_ms = input.sla_e2e_ms;
  return slo;
}

/** The config that makes Windtunnel do what the case asks of the peer. */
export function configOf(input: GoldenInput, stepping: Stepping): ResolvedConfig {
  const config: Record<string, unknown> = {
    version: 1,
    compat: 'dynamo-1.6',
    ...clusterConfig(input, stepping),
    router: routerConfig(input),
    workload: workloadConfig(input),
    slo: sloConfig(input),
  };
  if (input.max_sim_time_ms !== undefined) {
    config.simulation = { max_sim_time_ms: input.max_sim_time_ms };
  }
  return resolveWithoutIdleKeys(config);
}

/** The peer takes settings that change nothing in a run; ours refuses them, so they are left out. */
function resolveWithoutIdleKeys(config: Record<string, unknown>): ResolvedConfig {
  try {
    return resolveConfig(config, []);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const idle = error.problems.filter(({ message }) => message.includes('has no effect'));
    if (idle.length < error.problems.length) throw error;
    return resolveWithoutIdleKeys(idle.reduce(withoutKey, config));
  }
}

/** The config without the key that a problem names, of a section or of a pool. */
function withoutKey(
  config: Record<string, unknown>,
  { place }: InputError,
): Record<string, unknown> {
  const path = (place.path ?? '').split(/[.[\]]+/);
  const leaf = path.pop()!;
  const copy = structuredClone(config);
  const section = path.reduce<unknown>((inner, part) => (inner as Settings)[part], copy);
  delete (section as Record<string, unknown>)[leaf];
  return copy;
}

/** Why a case cannot be flown yet, or undefined when it can. */
export function notYetFlown(input: GoldenInput): string | undefined {
  const engines = [input.engine, input.prefill_engine, input.decode_engine].map(engineOf);
  if (engines.some((engine) => engine.native_host_offload !== undefined)) return 'host offload';
  if (!FORMATS.has(formatOf(input))) return `format ${input.trace_format}`;
  const known = new Set([...ENGINE_KEYS, ...TRANSLATED_KEYS, ...TRANSFER_KEYS]);
  const unknown = engines.flatMap((engine) => Object.keys(engine).filter((key) => !known.has(key)));
  if (unknown.length > 0) return `engine keys ${unknown.join(', ')}`;
  try {
    configOf(input, 'exact');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `a setting that is not ours: ${error.message}`;
  }
  return undefined;
}

function formatOf(input: GoldenInput): 'mooncake' | 'mooncake_delta' {
  return (input.trace_format ?? 'mooncake') as 'mooncake' | 'mooncake_delta';
}

/** Loads the traffic of a case. */
export async function traceOf(input: GoldenInput, tracesFolder: string): Promise<LoadedTrace> {
  const traceBlockSize = input.trace_block_size ?? 512;
  const format = formatOf(input);
  if (input.trace !== undefined) {
    return readTraceFile(join(tracesFolder, input.trace), { format, traceBlockSize });
  }
  const rows =
    input.synthetic === undefined
      ? (input.requests ?? [])
      : syntheticRows(input.synthetic, traceBlockSize);
  const collector = new TraceCollector('inline', { format, traceBlockSize });
  collector.push(new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  return collector.finish('');
}
