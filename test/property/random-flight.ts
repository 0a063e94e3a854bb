import * as fc from 'fast-check';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { type HandRow, traceOf } from '../reference/hand-trace.ts';

/** A small workload and the cluster that it meets. */
export interface RandomFlight {
  readonly config: {
    readonly engine: Readonly<Record<string, unknown>>;
    readonly [section: string]: unknown;
  };
  readonly rows: readonly HandRow[];
}

/**
 * One of each timing model. All but the polynomial give whole nanoseconds for any batch, so that
 * sums in closed form and pass by pass are equal to the last bit.
 */
export const timings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  fixed: { type: 'fixed', prefill_ms: 10, decode_ms: 2 },
  polynomial: { type: 'polynomial' },
  linear: {
    type: 'linear',
    base_ms: 1.25,
    per_prefill_token_ms: 0.062,
    per_prefill_context_token_ms: 0.016,
    per_decode_request_ms: 0.5,
    per_decode_context_token_ms: 0.008,
  },
  table: {
    type: 'table',
    prefill: [
      [4, 3],
      [20, 6.2],
      [60, 17],
    ],
    decode: [
      [6, 1.5],
      [30, 2.7],
      [90, 8.7],
    ],
  },
};

/** Ids below 3 a level make prompts that share prefixes at several depths, and some that repeat. */
const ids = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 });

const request = fc.record({
  gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 25 })),
  ids,
  /** Tokens that its last trace block lacks; 0 often, so that whole prompts repeat. */
  missing: fc.oneof(fc.constant(0), fc.nat({ max: 15 })),
  output: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 30 }), fc.nat({ max: 30 })),
  priority: fc.constantFrom(0, 0, 0, 1, 5, -2),
  session: fc.nat({ max: 3 }),
  delayMs: fc.nat({ max: 30 }),
});

/** Requests whose prompts are made of trace blocks of `traceBlockSize` tokens. */
export function rowsArbitrary(
  traceBlockSize: number,
  most: number,
  withSessions: boolean,
): fc.Arbitrary<HandRow[]> {
  return fc.array(request, { minLength: 1, maxLength: most, size: 'max' }).map((drawn) => {
    let atMs = 0;
    return drawn.map(({ gapMs, ids: names, missing, session, delayMs, ...asked }): HandRow => {
      atMs += gapMs;
      const input = Math.max(1, names.length * traceBlockSize - (missing % traceBlockSize));
      const row = { atMs, input, ids: names, ...asked };
      return withSessions && session > 0 ? { ...row, session: `s${session}`, delayMs } : row;
    });
  });
}

/** The settings without those that change nothing beside the others, which are refused. */
function withoutIdleKeys(engine: Record<string, unknown>): Record<string, unknown> {
  if (engine.backend === 'sglang') return withoutKeysOfOthers(engine);
  const { capacity_scheduler_policy: policy, preemption_mode, ...both } = engine;
  if (engine.backend === 'vllm') {
    return engine.scheduling_policy === 'priority' ? both : { ...both, preemption_mode };
  }
  const { prefill_schedule_interval: _interval, ...rest } = both;
  if (policy === 'guaranteed_no_evict') return { ...rest, capacity_scheduler_policy: policy };
  return { ...rest, preemption_mode, capacity_scheduler_policy: policy };
}

/** Those of SGLang, whose chunks are whole pages and, more often than not, tight. */
function withoutKeysOfOthers(engine: Record<string, unknown>): Record<string, unknown> {
  const {
    capacity_scheduler_policy: _policy,
    preemption_mode: _mode,
    enable_chunked_prefill: _chunked,
    scheduling_policy: _order,
    prefill_schedule_interval: _interval,
    max_num_batched_tokens: budget,
    ...rest
  } = engine;
  const page = Number(engine.block_size);
  const pages = Math.max(1, Math.floor(Number(budget) / page));
  return { ...rest, chunked_prefill_size: pages * page };
}

/** What only SGLang reads: room for little of the output, so that requests are retracted. */
const sglangKeys = fc.record({
  schedule_policy: fc.constantFrom('fcfs', 'lpm'),
  clip_max_new_tokens: fc.constantFrom(1, 1, 4, 4096),
  schedule_conservativeness: fc.constantFrom(0.1, 1, 1.4),
  max_prefill_tokens: fc.constantFrom(10, 40, 16384),
  prefill_decode_interval: fc.constantFrom(0, 0, 2),
});

/** What the host adds: nothing more often than not, less than the GPU's time or more. */
const host = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      host_overhead_ms: fc.constantFrom(0.1, 2, 7),
      host_overhead_per_request_us: fc.constantFrom(0, 130),
      async_scheduling: fc.boolean(),
    }),
  },
);

/** Whose schedulers are drawn, some more often than others. */
const BACKENDS = ['vllm', 'vllm', 'vllm', 'trtllm', 'sglang'];

/** Engine settings in which memory, batch and budget are all tight. */
export function engineArbitrary(
  timingTypes: readonly string[],
  backends: readonly string[] = BACKENDS,
): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      block_size: fc.constantFrom(2, 4),
      num_gpu_blocks: fc.integer({ min: 8, max: 30 }),
      max_num_seqs: fc.constantFrom(1, 3, 16, 16),
      max_num_batched_tokens: fc.constantFrom(3, 8, 24, 200, 200),
      max_model_len: fc.constantFrom(undefined, undefined, undefined, 20),
      enable_prefix_caching: fc.constantFrom(true, true, true, false),
      enable_chunked_prefill: fc.constantFrom(true, true, false),
      preemption_mode: fc.constantFrom('lifo', 'fifo'),
      scheduling_policy: fc.constantFrom('fcfs', 'fcfs', 'priority'),
      prefill_schedule_interval: fc.constantFrom(1, 1, 1, 2, 5),
      host,
      timing: fc.constantFrom(...timingTypes).map((type) => timings[type]!),
      speedup_ratio: fc.constantFrom(1, 1, 2),
      backend: fc.constantFrom(...backends),
      capacity_scheduler_policy: fc.constantFrom('guaranteed_no_evict', 'max_utilization'),
      sglang: sglangKeys,
    })
    .map(({ max_model_len, sglang, host: overhead, ...engine }) => ({
      ...withoutIdleKeys(engine),
      ...overhead,
      ...(engine.backend === 'sglang' && sglang),
      ...(max_model_len !== undefined && { max_model_len }),
    }));
}

const routers = fc.oneof(
  fc
    .constantFrom('round_robin', 'random', 'power_of_two', 'least_loaded')
    .map((mode) => ({ mode })),
  fc.record({
    mode: fc.constant('kv_router'),
    router_temperature: fc.constantFrom(0, 0, 0.5),
    kv_event_lag_ms: fc.constantFrom(0, 0, 7),
    kv_event_loss_ratio: fc.constantFrom(0, 0, 0, 0.3),
    kv_event_duplicate_ratio: fc.constantFrom(0, 0, 0, 0.3),
    router_predicted_ttl_secs: fc.constantFrom(0, 0.05, 120),
  }),
  fc.record({
    mode: fc.constant('kv_router'),
    router_track_output_blocks: fc.constant(true),
    agent_hints_osl: fc.boolean(),
    router_prefill_load_model: fc.constantFrom('none', 'timing'),
    router_assume_kv_reuse: fc.boolean(),
    use_kv_events: fc.constantFrom(true, true, false),
    router_queue_threshold: fc.constantFrom(0.1, 0.5, 2),
  }),
  fc.record({
    mode: fc.constant('kv_router'),
    router_queue_threshold: fc.constantFrom(0.5, 2),
    router_queue_policy: fc.constantFrom('fcfs', 'lcfs', 'wspt'),
  }),
);

/** Without a cap a burst meets the cluster as it is, and blocks run out: those are more often drawn. */
const uncapped = fc.oneof(
  fc.constant({}),
  fc.record({ arrival_speedup_ratio: fc.constantFrom(2, 5) }),
  fc.record({ concurrency: fc.integer({ min: 1, max: 6 }) }),
  fc.constantFrom({ arrivals: 'constant', request_rate: 100 }),
  fc.constantFrom({ arrivals: 'poisson', request_rate: 80 }),
  fc.constant({ arrival_jitter: true }),
  fc.constant({
    arrivals: 'weibull',
    arrival_cv: 1.5,
    rate_shape: { type: 'sine', mean_rps: 80, amplitude_rps: 80, period_s: 0.2 },
  }),
);

const capped = fc.oneof(
  fc.record({ max_concurrency: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ arrivals: 'gamma', request_rate: 80, burstiness: 0.4, max_concurrency: 3 }),
);

const arrivals = fc.oneof({ weight: 9, arbitrary: uncapped }, { weight: 1, arbitrary: capped });

/** Flights over all router modes, ways of arrival, with sessions and without. */
export function flightArbitrary(
  timingTypes: readonly string[],
  backends?: readonly string[],
): fc.Arbitrary<RandomFlight> {
  const shape = fc.record({
    traceBlockSize: fc.constantFrom(2, 4, 6, 8),
    workers: fc.constantFrom(1, 1, 2, 4),
    ranks: fc.constantFrom(1, 1, 1, 1, 2, 3),
    withSessions: fc.boolean(),
    arrivals,
  });
  return shape.chain(({ traceBlockSize, workers, ranks, withSessions, arrivals: chosen }) =>
    fc
      .record({
        engine: engineArbitrary(timingTypes, backends).map(
          (engine): Record<string, unknown> => ({ ...engine, data_parallel_size: ranks }),
        ),
        router: routers,
        compat: fc.constantFrom('none', 'none', 'dynamo-1.6'),
        rows: rowsArbitrary(traceBlockSize, 25, withSessions),
      })
      .map(({ engine, router, compat, rows }): RandomFlight => {
        const workload = { trace_block_size: traceBlockSize, ...chosen };
        // Late KV events change nothing where there are none, and are refused.
        if (!engine.enable_prefix_caching && 'kv_event_lag_ms' in router) {
          const { kv_event_lag_ms, kv_event_loss_ratio, kv_event_duplicate_ratio, ...rest } =
            router;
          return { config: { cluster: { workers }, engine, router: rest, workload, compat }, rows };
        }
        return { config: { cluster: { workers }, engine, router, workload, compat }, rows };
      }),
  );
}

/** The config of a flight, checked, with some of the engine's settings laid over it. */
export function configOf(flight: RandomFlight, stepping: 'exact' | 'leap'): ResolvedConfig {
  const engine = { ...flight.config.engine, stepping };
  return resolveConfig({ ...flight.config, engine });
}

/** Flies it. */
export function flyRandom(flight: RandomFlight, stepping: 'exact' | 'leap', seed = 7): RunResult {
  return run({ config: configOf(flight, stepping), seed, ...traceOf(flight.rows) });
}
