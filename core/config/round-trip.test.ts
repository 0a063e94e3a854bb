import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { configDigest } from './digest.ts';
import { writableConfig } from './effect.ts';
import { type KeySchema, schemaAt } from './key-schema.ts';
import { type ConfigKey, configKeys } from './keys.ts';
import { resolveConfig } from './resolve.ts';
import type { ResolvedConfig } from './schema.ts';
import { parseSetOption, type SetOption } from './set-option.ts';
import { parseConfigText } from './source.ts';

const TABLE = [
  [0, 1],
  [64, 2.5],
];

/** For the default number of workers. */
const GROUPS = [
  { count: 3, taints: ['gpu-h100'], topology: { zone: 'a' } },
  { count: 1, lora_adapters: ['sql'] },
];

/** Prefill apart from decode, with keys of their own. */
const POOLS = [
  { name: 'p', role: 'prefill', workers: 2, gpus_per_worker: 1, engine: { max_num_seqs: 8 } },
  { role: 'decode', workers: 3, gpus_per_worker: 2, router: { decode_active_request_weight: 1 } },
];

const TIMINGS: readonly unknown[] = [
  { type: 'polynomial' },
  { type: 'fixed', prefill_ms: 12.5, decode_ms: 0 },
  { type: 'linear', per_prefill_token_ms: 0.05 },
  { type: 'table', prefill: TABLE, decode: TABLE },
];

const SHAPES: readonly unknown[] = [
  { type: 'ramp', from_rps: 1, to_rps: 0, duration_s: 60 },
  { type: 'sine', mean_rps: 8, amplitude_rps: 7, period_s: 60 },
  { type: 'steps', steps: [[0, 1.5]] },
  { type: 'recorded', file: 'rates.csv', rate_ratio: 0.5, speedup_ratio: 24 },
];

const TENANTS: readonly unknown[] = [
  [
    { name: 'paid', share: 3 },
    { name: 'free', share: 0.5 },
  ],
  [
    { name: 'paid', share: 3, priority: -1 },
    { name: 'free', strict_priority: 2 },
  ],
];
/** One class, for all and for the model `7`. */
const CLASSES = {
  default_policy_family: 'all',
  uncached_isl_buckets: [{ min_tokens: 0, bucket: 'any' }],
  policy_classes: [
    {
      name: 'only',
      policy_family: 'all',
      cache_bucket: 'any',
      queue_policy: 'fcfs',
      quantum: 9,
      prefill_busy_threshold: 4,
    },
  ],
};
const POLICY_FILE = { ...CLASSES, models: { 7: CLASSES } };

/** A small Llama. */
const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 2048,
  intermediate_size: 8192,
  num_attention_heads: 32,
  num_hidden_layers: 16,
  num_key_value_heads: 8,
  vocab_size: 128256,
};

/** A GPU of the user's own. */
const OWN_GPU = { memory_gib: 96, memory_gb_s: 900, bf16_tflops: 180, processors: 142 };

/** Any valid value of a key, by its schema. */
function arbitraryValue(node: KeySchema): fc.Arbitrary<unknown> {
  if (node.anyOf !== undefined) return fc.oneof(...node.anyOf.map(arbitraryValue));
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  if (node.type === 'boolean') return fc.boolean();
  if (node.type === 'string') return textOf(node);
  const least = node.minimum ?? 1e-3;
  const most = Math.min(node.maximum ?? 1e6, 1e6);
  if (node.type === 'integer') return fc.integer({ min: least, max: most });
  return fc.double({ min: least, max: most, noNaN: true });
}

/** A digest, a version, or a name. */
function textOf({ pattern }: KeySchema): fc.Arbitrary<string> {
  if (pattern === undefined)
    return fc.constantFrom('./router.ts', 'h200-sxm', 'Qwen/Qwen3-30B-A3B');
  return fc.stringMatching(new RegExp(pattern));
}

const plainKeys = configKeys().filter((key) => key.variant === undefined);

const setOption: fc.Arbitrary<SetOption> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...plainKeys).chain(optionOf) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...TIMINGS).map((value) => ({ path: 'engine.timing', value })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...SHAPES).map((value) => ({ path: 'workload.rate_shape', value })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...TENANTS).map((value) => ({ path: 'workload.tenants', value })),
  },
);

function optionOf({ path }: ConfigKey): fc.Arbitrary<SetOption> {
  if (path === 'cluster.schedule') return fc.constant({ path, value: SCHEDULE });
  if (path === 'router.router_policy_config') {
    return fc.constantFrom(CLASSES, POLICY_FILE).map((value) => ({ path, value }));
  }
  if (path === 'engine.calibration') return fc.constant({ path, value: CALIBRATION });
  if (path === 'model.config') return fc.constant({ path, value: LLAMA });
  if (path === 'cluster.gpu') {
    return fc.constantFrom('b200', OWN_GPU).map((value) => ({ path, value }));
  }
  if (path === 'cluster.pools') return fc.constant({ path, value: POOLS });
  if (path === 'cluster.groups') return fc.constant({ path, value: GROUPS });
  if (path === 'workload.client.retry_on') return fc.constant({ path, value: ['rejected'] });
  return arbitraryValue(schemaAt(path.split('.'))!).map((value) => ({ path, value }));
}

/** Pass times of a model on a GPU, which one option alone cannot be. */
const MODELLED = [
  'engine.timing.type=model',
  'model.name=Qwen/Qwen3-30B-A3B',
  'cluster.gpu=h200-sxm',
];

/** What was measured of them. */
const CALIBRATION = {
  version: 1,
  deployment: { model: 'Qwen/Qwen3-30B-A3B', gpu: 'h200-sxm', engine: 'vllm' },
  constants: {
    host_per_pass_ms: 1.5,
    host_per_request_ms: 0,
    compute_efficiency: 0.7,
    memory_efficiency: 1.1,
    new_shape_us_per_token: 0,
    between_passes_ms: 0.25,
    frontend_ms: 4,
  },
};

/** Lays on one option after another and skips those that the config refuses. */
function build(base: readonly string[], options: readonly SetOption[]): ResolvedConfig {
  let accepted: readonly SetOption[] = base.map(parseSetOption);
  let config = resolveConfig({}, accepted);
  for (const option of options) {
    try {
      config = resolveConfig({}, [...accepted, option]);
      accepted = [...accepted, option];
    } catch {
      // Random options contradict each other often; what is left is a valid config.
    }
  }
  return config;
}

const bases = fc.constantFrom([], [], MODELLED);

test('a config that is written and read again is the same, as YAML and as JSON', () => {
  fc.assert(
    fc.property(bases, fc.array(setOption, { maxLength: 25 }), (base, options) => {
      const config = build(base, options);
      for (const text of [
        stringify(writableConfig(config)),
        canonicalJson(writableConfig(config), 2),
      ]) {
        const again = resolveConfig(parseConfigText(text, 'again.yaml').value);
        expect(again).toEqual(config);
        expect(configDigest(again)).toBe(configDigest(config));
      }
    }),
    { numRuns: 150 },
  );
});

/** What a key needs beside it before it means anything. */
const IN_POOLS = `cluster.pools=${JSON.stringify(POOLS)}`;

/** Transfers that share links, and the same in several zones. */
const SHARED = [IN_POOLS, 'kv_transfer.bytes_per_token=5', 'network.mode=shared'];
const IN_ZONES = [...SHARED, 'network.nodes_per_rack=2', 'network.racks_per_zone=2'];

/** Each request is asked where its prompt is prefilled, and a policy answers. */
const ASKED = [IN_POOLS, 'router.conditional_disagg_enabled=true'];
const LOAD = 'router.conditional_disagg_policy=prefill_load';
const TUNED = 'router.conditional_disagg_policy=self_tuning';

/** A worker that changes pools, and pools between which it may. */
const SCHEDULE = [{ at_ms: 5, from: 'p', to: 'decode', workers: 1, cost_ms: 2 }];
const EQUAL_POOLS = POOLS.map((pool) => ({ ...pool, gpus_per_worker: 1 }));

const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  'model.name': MODELLED,
  'model.config': MODELLED,
  'cluster.gpu': MODELLED,
  'engine.tensor_parallel_size': MODELLED,
  'engine.pipeline_parallel_size': MODELLED,
  'engine.expert_parallel_size': [...MODELLED, 'engine.tensor_parallel_size=4'],
  'engine.expert_imbalance': MODELLED,
  'engine.cudagraph_capture_sizes': MODELLED,
  'engine.enforce_eager': MODELLED,
  'engine.dtype': MODELLED,
  'engine.quantization': MODELLED,
  'engine.kv_cache_dtype': MODELLED,
  'engine.gpu_memory_utilization': MODELLED,
  'engine.backend_version': MODELLED,
  'engine.calibration': MODELLED,
  'router.conditional_disagg_enabled': [IN_POOLS],
  'router.conditional_disagg_policy': [...ASKED, 'router.policy=./mine.ts'],
  'router.conditional_disagg_eff_isl_threshold': ASKED,
  'router.conditional_disagg_eff_isl_ratio_threshold': ASKED,
  'router.conditional_disagg_decode_busy_threshold': ASKED,
  'router.conditional_disagg_prefill_busy_threshold': [...ASKED, LOAD],
  'router.conditional_disagg_tuning_interval_ms': [...ASKED, TUNED],
  'router.conditional_disagg_tuned_least_tokens': [...ASKED, TUNED],
  'router.conditional_disagg_tuned_most_tokens': [...ASKED, TUNED],
  'router.encoder_cuda_to_cpu_ratio': ['router.mode=device_aware_weighted'],
  'router.agent_hints_osl': ['router.router_track_output_blocks=true'],
  'router.router_approximate_cache_policy': ['router.use_kv_events=false'],
  'router.router_ttl_secs': ['router.use_kv_events=false'],
  'engine.kv_eviction_policy': ['router.policy=./mine.ts'],
  'router.mode': ['router.policy=./mine.ts'],
  'router.policy': ['router.mode=policy'],
  'router.policy_sha256': ['router.mode=policy', 'router.policy=./mine.ts'],
  'router.router_queue_policy': ['router.policy=./mine.ts', 'router.router_queue_threshold=2'],
  'router.router_overlap_refresh_after_secs': ['router.router_queue_threshold=2'],
  'router.router_policy_model': [`router.router_policy_config=${JSON.stringify(POLICY_FILE)}`],
  'kv_transfer.bytes_per_token': [IN_POOLS, 'kv_transfer.bandwidth_gb_s=5'],
  'kv_transfer.bandwidth_gb_s': [IN_POOLS, 'kv_transfer.bytes_per_token=5'],
  'kv_transfer.order': [IN_POOLS],
  'kv_transfer.timing_mode': [
    IN_POOLS,
    'kv_transfer.bytes_per_token=5',
    'kv_transfer.bandwidth_gb_s=5',
  ],
  'kv_transfer.streaming': [...SHARED, 'kv_transfer.num_layers=9'],
  'kv_transfer.num_layers': [...SHARED, 'kv_transfer.streaming=layers'],
  'cluster.schedule': [`cluster.pools=${JSON.stringify(EQUAL_POOLS)}`],
  'network.mode': [IN_POOLS, 'kv_transfer.bytes_per_token=5'],
  'network.gpus_per_node': SHARED,
  'network.nodes_per_rack': SHARED,
  'network.racks_per_zone': [...SHARED, 'network.nodes_per_rack=2'],
  'network.node_fabric': SHARED,
  'network.nvlink_gb_s': SHARED,
  'network.nvlink_latency_us': SHARED,
  'network.pcie_gb_s': [...SHARED, 'network.node_fabric=pcie'],
  'network.pcie_latency_us': [...SHARED, 'network.node_fabric=pcie'],
  'network.nic': SHARED,
  'network.nic_gb_s': SHARED,
  'network.nic_latency_us': SHARED,
  'network.rack_gb_s': [...SHARED, 'network.nodes_per_rack=2'],
  'network.rack_latency_us': [...SHARED, 'network.nodes_per_rack=2'],
  'network.zone_gb_s': IN_ZONES,
  'network.zone_latency_us': IN_ZONES,
  'workload.request_rate': ['workload.arrivals=poisson'],
  'engine.capacity_scheduler_policy': ['engine.backend=trtllm'],
  'engine.chunked_prefill_size': ['engine.backend=sglang', 'engine.block_size=1'],
  'engine.max_prefill_tokens': ['engine.backend=sglang'],
  'engine.schedule_policy': ['engine.backend=sglang'],
  'engine.schedule_conservativeness': ['engine.backend=sglang'],
  'engine.clip_max_new_tokens': ['engine.backend=sglang'],
  'engine.prefill_decode_interval': ['engine.backend=sglang'],
  'engine.async_scheduling': ['engine.host_overhead_ms=2'],
  'engine.speculative_acceptance_rates': ['engine.num_speculative_tokens=2'],
  'workload.cancellation.ratio': ['workload.cancellation.after_ms=5'],
  'workload.cancellation.after_ms': ['workload.cancellation.ratio=1'],
  'workload.cancellation.after_tokens': ['workload.cancellation.ratio=1'],
  'workload.cancellation.distribution': [
    'workload.cancellation.ratio=1',
    'workload.cancellation.after_ms=5',
  ],
  'workload.client.retry_on': ['workload.client.max_attempts=3'],
  'workload.client.retry_base_ms': ['workload.client.max_attempts=3'],
  'workload.client.retry_factor': ['workload.client.max_attempts=3'],
  'workload.client.retry_max_ms': [
    'workload.client.max_attempts=3',
    'workload.client.retry_base_ms=3',
  ],
  'workload.client.retry_jitter_ratio': ['workload.client.max_attempts=3'],
  'workload.burstiness': ['workload.arrivals=gamma', 'workload.request_rate=2'],
  'workload.arrival_cv': ['workload.arrivals=weibull', 'workload.request_rate=2'],
};

/** Values of keys that hold no number, name or switch. */
const VALUES: Readonly<Record<string, string>> = {
  'model.name': 'Qwen/Qwen3-32B',
  'model.config': JSON.stringify(LLAMA),
  'cluster.gpu': JSON.stringify({ ...OWN_GPU, name: 'mine' }),
  'engine.tensor_parallel_size': '2',
  'engine.expert_parallel_size': '2',
  'engine.cudagraph_capture_sizes': '[1, 2, 4]',
  'engine.backend_version': '"0.11.1"',
  'engine.calibration': JSON.stringify(CALIBRATION),
  'router.router_policy_config': JSON.stringify(POLICY_FILE),
  'router.router_policy_model': '"7"',
  'cluster.pools': JSON.stringify(POOLS),
  'cluster.schedule': JSON.stringify(SCHEDULE),
  'workload.tenants': JSON.stringify(TENANTS[0]),
  'workload.client.retry_on': '[timed_out]',
  'workload.rate_shape.steps': '[[0, 3], [60, 7]]',
  'workload.rate_shape.file': 'other.csv',
};

/** A value other than the default, as a user types it. */
function typedValue(key: ConfigKey): string {
  const node = schemaAt(key.path.split('.'))!;
  const known = VALUES[key.path];
  if (known !== undefined) return known;
  if (key.variant !== undefined) {
    return /_(ms|s|rps|ratio)$/.test(key.path) ? '7' : JSON.stringify(TABLE);
  }
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return node.enum.at(-1)!.replace('constant', 'trace');
  if (node.type === 'boolean') return String(node.default !== true);
  if (key.path === 'cluster.groups') return JSON.stringify(GROUPS);
  if (node.type === 'array') return '[0.5]';
  if (node.type === 'string') return node.pattern === undefined ? './mine.ts' : 'c0de'.repeat(16);
  return node.maximum === 1 ? '0.7' : '7';
}

/** The other keys of a timing model or rate shape, so that each of its keys can be set alone. */
function variantCompanions(key: ConfigKey): readonly string[] {
  if (key.variant === 'model') return MODELLED;
  const section = key.path.slice(0, key.path.lastIndexOf('.'));
  const variants = [...TIMINGS, ...SHAPES] as readonly { readonly type: string }[];
  const variant = variants.find(({ type }) => type === key.variant);
  const companions = Object.entries(variant ?? {})
    .map(([name, value]) => [`${section}.${name}`, JSON.stringify(value)])
    .filter(([path]) => path !== key.path)
    .map(([path, value]) => `${path}=${value}`);
  return section === 'engine.timing' ? companions : ['workload.arrivals=poisson', ...companions];
}

test.each(configKeys())('$path $variant can be set from the command line', (key) => {
  const needed = key.variant === undefined ? (COMPANIONS[key.path] ?? []) : variantCompanions(key);
  const companions = needed.filter((other) => !other.startsWith(`${key.path}=`));
  const value = key.path.endsWith('.type') ? key.variant : typedValue(key);
  const option = parseSetOption(`${key.path}=${value}`);
  const config = resolveConfig({}, [...companions.map(parseSetOption), option]);
  // The legacy alias is folded into the key that it stands for.
  const landed = key.path.replace('overlap_score_weight', 'prefill_load_scale');
  const found = landed
    .split('.')
    .reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], config);
  if (key.path === 'cluster.gpu') expect(found).toMatchObject(option.value as object);
  else expect(found).toEqual(option.value);
});
