import { expect, test } from 'vitest';
import { configDigest } from './digest.ts';
import { writableConfig } from './effect.ts';
import { configChanges } from './flatten.ts';
import { resolveCandidates, resolveConfig, resolveWithOrigins } from './resolve.ts';
import { parseSetOption } from './set-option.ts';
import { parseConfigText } from './source.ts';

const ENGINE_DEFAULTS = {
  backend: 'vllm',
  data_parallel_size: 1,
  tensor_parallel_size: 1,
  pipeline_parallel_size: 1,
  expert_parallel_size: 1,
  expert_imbalance: 1,
  cudagraph_capture_sizes: 'auto',
  enforce_eager: false,
  dtype: 'auto',
  kv_cache_dtype: 'auto',
  block_size: 64,
  num_gpu_blocks: 16384,
  max_num_seqs: 256,
  max_num_batched_tokens: 8192,
  enable_prefix_caching: true,
  enable_chunked_prefill: true,
  scheduling_policy: 'fcfs',
  prefill_schedule_interval: 1,
  stream_interval: 1,
  preemption_mode: 'lifo',
  capacity_scheduler_policy: 'guaranteed_no_evict',
  kv_eviction_policy: 'lru',
  chunked_prefill_size: 8192,
  max_prefill_tokens: 16384,
  schedule_policy: 'fcfs',
  schedule_conservativeness: 1,
  clip_max_new_tokens: 4096,
  prefill_decode_interval: 0,
  speculative_acceptance_rates: [0.85, 0.3],
  host_overhead_ms: 0,
  host_overhead_per_request_us: 0,
  async_scheduling: true,
  speedup_ratio: 1,
  decode_speedup_ratio: 1,
  stepping: 'leap',
  timing: { type: 'polynomial' },
};

test('an empty config is all defaults', () => {
  const config = resolveConfig({});
  expect(config).toEqual({
    version: 1,
    seed: 42,
    cluster: { workers: 4, gpus_per_worker: 1 },
    engine: ENGINE_DEFAULTS,
    router: {
      mode: 'kv_router',
      cost_model: 'current',
      overlap_score_credit: 1,
      overlap_score_credit_decay: 0,
      prefill_load_scale: 1,
      decode_active_request_weight: 0,
      router_temperature: 0,
      router_queue_policy: 'fcfs',
      router_overlap_refresh_after_secs: 10,
      router_track_active_blocks: true,
      router_track_prefill_tokens: true,
      router_track_output_blocks: false,
      agent_hints_osl: false,
      router_assume_kv_reuse: true,
      router_prefill_load_model: 'none',
      router_active_request_expiry_secs: 300,
      use_kv_events: true,
      router_approximate_cache_policy: 'ttl',
      router_ttl_secs: 120,
      kv_event_lag_ms: 0,
      kv_event_loss_ratio: 0,
      kv_event_duplicate_ratio: 0,
      conditional_disagg_enabled: false,
      conditional_disagg_policy: 'isl_bounding',
      conditional_disagg_eff_isl_threshold: 2048,
      conditional_disagg_eff_isl_ratio_threshold: 0.7,
      conditional_disagg_tuning_interval_ms: 500,
      conditional_disagg_tuned_least_tokens: 0,
      conditional_disagg_tuned_most_tokens: 65_536,
    },
    workload: {
      trace_block_size: 512,
      trace_format: 'auto',
      arrivals: 'trace',
      arrival_speedup_ratio: 1,
      arrival_jitter: false,
    },
    slo: {},
    kv_transfer: { timing_mode: 'full_prompt', streaming: 'none' },
    network: {
      mode: 'independent',
      gpus_per_node: 8,
      node_fabric: 'nvlink',
      nvlink_gb_s: 450,
      nvlink_latency_us: 2,
      pcie_gb_s: 64,
      pcie_latency_us: 2,
      nic: 'gpu',
      nic_gb_s: 50,
      nic_latency_us: 10,
      rack_latency_us: 2,
      zone_latency_us: 500,
    },
    simulation: {},
    compat: 'none',
  });
  expect(resolveConfig(parseConfigText('', 'empty.yaml').value)).toEqual(config);
  expect(resolveConfig(parseConfigText('engine:\nslo:\n', 'bare.yaml').value)).toEqual(config);
});

test('an option overrides the file, null takes its value away, and the input is not touched', () => {
  const input = { seed: 3, slo: { ttft_ms: 500 }, cluster: { workers: 2 } };
  const sets = ['cluster.workers=16', 'slo.ttft_ms=null', 'seed=null'].map(parseSetOption);
  const config = resolveConfig(input, sets);
  expect([config.cluster.workers, config.slo, config.seed]).toEqual([16, {}, 42]);
  expect(input).toEqual({ seed: 3, slo: { ttft_ms: 500 }, cluster: { workers: 2 } });
});

test('the old overlap weight becomes the keys that it stands for', () => {
  const half = resolveConfig({ router: { overlap_score_weight: 0.5 } }).router;
  expect([half.prefill_load_scale, half.overlap_score_credit]).toEqual([0.5, 1]);
  const zero = resolveWithOrigins({ router: { overlap_score_weight: 0 } });
  const { router } = zero.config;
  expect([router.prefill_load_scale, router.overlap_score_credit]).toEqual([0, 0]);
  expect(router).not.toHaveProperty('overlap_score_weight');
  expect(zero.origins.get('router.overlap_score_credit')).toBe('file');
});

test('origins tell file from option; what has none is a default', () => {
  const { origins } = resolveWithOrigins({ seed: 1, engine: { block_size: 32 } }, [
    { path: 'engine.timing', value: { type: 'fixed', prefill_ms: 1, decode_ms: 2 } },
  ]);
  expect([...origins].sort()).toEqual([
    ['engine.block_size', 'file'],
    ['engine.timing.decode_ms', 'set'],
    ['engine.timing.prefill_ms', 'set'],
    ['engine.timing.type', 'set'],
    ['seed', 'file'],
  ]);
});

test('candidates may share knobs that only one of them uses, but not knobs that none uses', () => {
  const source = parseConfigText('router: {router_temperature: 0.5}', 'run.yaml');
  const modes = (names: readonly string[]) =>
    names.map((name) => ({ source, sets: [parseSetOption(`router.mode=${name}`)] }));
  const [kv, roundRobin] = resolveCandidates(modes(['kv_router', 'round_robin']));
  expect([kv?.router.mode, roundRobin?.router.mode]).toEqual(['kv_router', 'round_robin']);
  expect(() => resolveCandidates(modes(['random', 'round_robin']))).toThrow(
    'run.yaml:1: router.router_temperature: has no effect',
  );
});

test('a key of one file is not excused by another file, a flag by any candidate', () => {
  const temperature = 'router: {router_temperature: 0.5}';
  const kv = { source: parseConfigText(temperature, 'kv.yaml'), sets: [] };
  const text = `${temperature}\nseed: 1`.replace('0.5', '0.5, mode: random');
  const random = { source: parseConfigText(text, 'random.yaml'), sets: [] };
  expect(() => resolveCandidates([kv, random])).toThrow('random.yaml:1: router.router_temperature');
  const sets = [parseSetOption('router.router_temperature=0.5')];
  const plain = { source: parseConfigText('router: {mode: random}', 'plain.yaml'), sets };
  expect(resolveCandidates([{ ...kv, sets }, plain])).toHaveLength(2);
  expect(() => resolveCandidates([plain])).toThrow('--set: router.router_temperature: has no');
});

test('the digest depends on values, not on the order or form they were written in', () => {
  const digest = configDigest(resolveConfig({ seed: 42, cluster: { workers: 8 } }));
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const other = resolveConfig({ version: 1, cluster: {} }, [{ path: 'cluster.workers', value: 8 }]);
  expect(configDigest(other)).toBe(digest);
  expect(configDigest(resolveConfig({ cluster: { workers: 9 } }))).not.toBe(digest);
});

test('what is written leaves out the keys without effect', () => {
  const written = writableConfig(resolveConfig({ router: { mode: 'random' } }));
  expect(written.router).toEqual({ mode: 'random' });
});

test('changes name the keys that differ and the sides that have them', () => {
  const before = resolveConfig({ slo: { ttft_ms: 500 } });
  const after = resolveConfig({ cluster: { workers: 8 }, slo: { e2e_ms: 9 } });
  expect(configChanges(before, after)).toEqual([
    { path: 'cluster.workers', before: 4, after: 8 },
    { path: 'slo.e2e_ms', after: 9 },
    { path: 'slo.ttft_ms', before: 500 },
  ]);
  expect(configChanges(before, before)).toEqual([]);
});
