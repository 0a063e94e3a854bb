import { expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { resolveConfig } from './resolve.ts';
import { parseSetOption } from './set-option.ts';
import { parseConfigText } from './source.ts';

/** The message that a file and `--set` options end with. */
function messageOf(yaml: string, sets: readonly string[]): string {
  try {
    const { value, place } = parseConfigText(yaml, 'run.yaml');
    resolveConfig(value, sets.map(parseSetOption), place);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

const SECTIONS =
  'cluster, compat, engine, kv_transfer, model, network, router, seed, simulation, slo, version, workload';

const UNKNOWN_OR_BAD: readonly (readonly [string, readonly string[], string])[] = [
  [
    'seed: 1\nenigne: {}',
    [],
    `run.yaml:2: enigne: unknown key; received {}; allowed: ${SECTIONS}; did you mean "engine"?`,
  ],
  [
    'router:\n  workers: 3',
    ['router.mode=random'],
    'run.yaml:2: router.workers: unknown key; received 3; allowed: active_decode_blocks_threshold, active_prefill_tokens_threshold, active_prefill_tokens_threshold_frac, agent_hints_osl, conditional_disagg_decode_busy_threshold, conditional_disagg_eff_isl_ratio_threshold, conditional_disagg_eff_isl_threshold, conditional_disagg_enabled, conditional_disagg_policy, conditional_disagg_prefill_busy_threshold, conditional_disagg_tuned_least_tokens, conditional_disagg_tuned_most_tokens, conditional_disagg_tuning_interval_ms, cost_model, cost_without, decode_active_request_weight, encoder_cuda_to_cpu_ratio, kv_event_duplicate_ratio, kv_event_lag_ms, kv_event_loss_ratio, mode, overlap_score_credit, overlap_score_credit_decay, overlap_score_weight, policy, policy_sha256, prefill_load_scale, router_active_request_expiry_secs, router_approximate_cache_policy, router_assume_kv_reuse, router_overlap_refresh_after_secs, router_policy_config, router_policy_model, router_predicted_ttl_secs, router_prefill_load_model, router_queue_policy, router_queue_threshold, router_session_affinity_ttl_secs, router_temperature, router_track_active_blocks, router_track_output_blocks, router_track_prefill_tokens, router_ttl_secs, use_kv_events; did you mean "cluster.workers"?',
  ],
  [
    'engine:\n  backend: vlm',
    [],
    'run.yaml:2: engine.backend: bad value; received "vlm"; allowed: vllm, sglang, trtllm; did you mean "vllm"?',
  ],
  [
    'engine: {block_size: 0}',
    [],
    'run.yaml:1: engine.block_size: bad value; received 0; allowed: a whole number from 1 to 2147483647',
  ],
  [
    'engine: {block_size: 1}',
    [],
    'run.yaml:1: engine.block_size: impossible: only SGLang has blocks of one token; received 1; set it to 2 or more, or engine.backend to sglang',
  ],
  [
    'engine: {backend: sglang, chunked_prefill_size: 100}',
    [],
    'run.yaml:1: engine.chunked_prefill_size: impossible: its 100 tokens are no whole number of pages of 64; received 100; make it a multiple of engine.block_size',
  ],
  [
    'engine: {backend: sglang, preemption_mode: fifo}',
    [],
    'run.yaml:1: engine.preemption_mode: has no effect: SGLang always chunks and retracts who has generated least; received "fifo"; leave it out, or set engine.backend to vllm',
  ],
  [
    '',
    ['engine.max_num_seqs=2.5'],
    '--set: engine.max_num_seqs: bad value; received 2.5; allowed: a whole number from 1 to 2147483647',
  ],
  [
    'seed: .nan',
    [],
    'run.yaml:1: seed: bad value; received "NaN"; allowed: a whole number from 0 up',
  ],
  [
    '',
    ['router.mode=roundrobin'],
    '--set: router.mode: bad value; received "roundrobin"; allowed: kv_router, round_robin, random, power_of_two, least_loaded, direct, device_aware_weighted, policy; did you mean "round_robin"?',
  ],
  [
    '',
    ['slo.ttft_ms=0'],
    '--set: slo.ttft_ms: bad value; received 0; allowed: a number above 0 up to 9000000000',
  ],
  [
    'workload:\n  arrival_jitter: "yes"',
    [],
    'run.yaml:2: workload.arrival_jitter: bad value; received "yes"; allowed: true or false',
  ],
  [
    'cluster: 4',
    [],
    'run.yaml:1: cluster: not a mapping; received 4; allowed: a mapping of gpu, gpus_per_worker, groups, pools, schedule, workers',
  ],
  ['- 1', [], `run.yaml: not a mapping; received [1]; allowed: a mapping of ${SECTIONS}`],
  [
    'engine: {timing: {type: fxed}}',
    [],
    'run.yaml:1: engine.timing.type: bad value; received "fxed"; allowed: polynomial, fixed, linear, table, model; did you mean "fixed"?',
  ],
  [
    '',
    ['engine.timing.prefill_ms=3'],
    'run.yaml: engine.timing.type: missing; allowed: polynomial, fixed, linear, table, model',
  ],
  [
    'engine: {timing: {type: fixed, prefill_ms: 1, base_ms: 3}}',
    [],
    'run.yaml:1: engine.timing.base_ms: belongs to another engine.timing; received 3; allowed: decode_ms, prefill_ms, type; it needs engine.timing.type: linear\nand 1 more problem:\n  run.yaml:1: engine.timing.decode_ms: missing; allowed: a number from 0 to 9000000000',
  ],
  [
    '',
    ['engine.timing={type: table, prefill: [[0, 1]], decode: [[0, 1], [1, -1]]}'],
    '--set: engine.timing.prefill: bad value; received [[0,1]]; allowed: a list of at least 2 rows, each [a whole number from 0 to 2147483647, a number from 0 to 9000000000]\nand 1 more problem:\n  --set: engine.timing.decode[1][1]: bad value; received -1; allowed: a number from 0 to 9000000000',
  ],
  [
    '__proto__: {a: 1}',
    [],
    `run.yaml:1: __proto__: unknown key; received {"a":1}; allowed: ${SECTIONS}`,
  ],
];

const WRONG_OPTIONS: readonly (readonly [string, readonly string[], string])[] = [
  [
    '',
    ['cluster.groups=[{count: 3, taint: h100}]'],
    '--set: cluster.groups[0].taint: unknown key; received "h100"; allowed: count, device, lora_adapters, taints, topology; did you mean "taints"?',
  ],
  [
    '',
    ['cluster.groups=[{count: 3, topology: {zone: 4}}]'],
    '--set: cluster.groups[0].topology.zone: bad value; received 4; allowed: text',
  ],
  [
    '',
    ['cluster.groups=[{count: 3}, {count: 2}]'],
    '--set: cluster.groups: impossible: its counts add up to 5, and cluster.workers is 4; received [{"count":3},{"count":2}]; set cluster.workers to 5, or change a count',
  ],
  [
    '',
    ['cluster.wokers=4'],
    '--set: cluster.wokers: unknown key; received 4; allowed: gpu, gpus_per_worker, groups, pools, schedule, workers; did you mean "cluster.workers"?',
  ],
  [
    '',
    ['seed.low=4'],
    '--set: seed.low: unknown key; received 4; allowed: seed holds a value, not keys',
  ],
  ['', ['seed=1', 'seed=2'], '--set: seed: set twice; received 2; leave one of them out'],
  [
    '',
    ['slo.ttft_ms=5', 'slo={itl_ms: 4}'],
    '--set: slo: set twice: slo.ttft_ms covers it or lies in it; received {"itl_ms":4}; leave one of them out',
  ],
  [
    '',
    ['seed'],
    '--set: needs a key and a value; received "seed"; allowed: KEY=VALUE, such as engine.block_size=64; KEY=null takes a value of the file away',
  ],
  [
    '',
    ['engine.timing={type: fixed'],
    '--set: engine.timing: not valid YAML: Flow map must end with a }; received "{type: fixed"',
  ],
];

const NOT_YAML: readonly (readonly [string, readonly string[], string])[] = [
  ['seed: 1\nseed: 2', [], 'run.yaml:2: not valid YAML: Map keys must be unique'],
  ['a: !!secret 1', [], 'run.yaml:1: not valid YAML: Unresolved tag: tag:yaml.org,2002:secret'],
];

const VERSIONS: readonly (readonly [string, readonly string[], string])[] = [
  [
    'version: 2',
    [],
    'run.yaml:1: version: the file has version 2, this program reads up to version 1; received 2; allowed: a whole number from 0 to 1; install a newer llm-windtunnel',
  ],
  [
    'version: one',
    [],
    'run.yaml:1: version: not a version; received "one"; allowed: a whole number from 0 to 1',
  ],
  [
    'version: 0\nengine:\n  backend: vllm',
    [],
    'run.yaml:3: engine.backend: a key of version 1 in a file of version 0; received "vllm"; call it engine.type, or write version: 1',
  ],
  [
    'version: 0\nworkload:\n  speedup: -1',
    [],
    'run.yaml:3: workload.arrival_speedup_ratio: bad value; received -1; allowed: a number from 0.000001 to 1000000',
  ],
];

const IMPOSSIBLE: readonly (readonly [string, readonly string[], string])[] = [
  [
    'workload:\n  arrivals: poisson',
    [],
    'run.yaml:2: workload.arrivals: impossible: poisson arrivals need a rate; received "poisson"; set workload.request_rate, in requests per second, or workload.rate_shape',
  ],
  [
    'slo: {ttft_ms: 3}',
    ['slo.e2e_ms=4'],
    '--set: slo.e2e_ms: impossible: goodput is judged by the whole request or by its phases, and slo.ttft_ms is set too; received 4; leave out slo.e2e_ms, or slo.ttft_ms',
  ],
  [
    'router: {overlap_score_weight: 2, prefill_load_scale: 1}',
    [],
    'run.yaml:1: router.overlap_score_weight: impossible: it is the old name of router.prefill_load_scale, which is set too; received 2; leave router.overlap_score_weight out',
  ],
  [
    '',
    ['engine.timing={type: table, prefill: [[0, 1], [8, 2], [8, 3]], decode: [[0, 2], [9, 1]]}'],
    '--set: engine.timing.prefill[2]: impossible: its tokens do not exceed the 8 of the row before; received [8,3]; sort the rows by tokens and keep one for each count\nand 1 more problem:\n  --set: engine.timing.decode[1]: impossible: more tokens take less time than the 2 ms of the row before; received [9,1]; measure again, or smooth the table',
  ],
];

const WITHOUT_EFFECT: readonly (readonly [string, readonly string[], string])[] = [
  [
    'router:\n  mode: round_robin\n  router_temperature: 0',
    [],
    'run.yaml:3: router.router_temperature: has no effect: only the KV router reads it; received 0; leave it out, or set router.mode to kv_router',
  ],
  [
    'router:\n  host_cache_hit_weight: 0.5',
    [],
    'run.yaml:2: router.host_cache_hit_weight: means nothing here: no tier below GPU memory is flown yet; received 0.5; leave it out',
  ],
  [
    '',
    ['router.router_tracking_hash=keyed-xxh3-v1'],
    '--set: router.router_tracking_hash: means nothing here: the tunnel knows prompts by their blocks and hashes no tokens; received "keyed-xxh3-v1"; leave it out',
  ],
  [
    '',
    ['router.router_queue_policy=wspt'],
    '--set: router.router_queue_policy: has no effect: the router has no queue to order; received "wspt"; leave it out, or set router.router_queue_threshold',
  ],
  [
    '',
    ['router.overlap_score_credit=0', 'router.overlap_score_credit_decay=1'],
    '--set: router.overlap_score_credit_decay: has no effect: there is no credit left to shrink; received 1; leave it out, or raise router.overlap_score_credit above 0',
  ],
  [
    '',
    ['workload.concurrency=64', 'workload.arrival_speedup_ratio=1'],
    '--set: workload.arrival_speedup_ratio: has no effect: in a closed loop a request starts when another ends; received 1; leave it out, or leave workload.concurrency out; max_concurrency caps an open loop',
  ],
  [
    '',
    ['workload.request_rate=5'],
    '--set: workload.request_rate: has no effect: requests arrive at the times of the trace; received 5; leave it out, or set workload.arrivals to poisson, gamma, weibull or constant',
  ],
];

test.each([
  ...UNKNOWN_OR_BAD,
  ...WRONG_OPTIONS,
  ...NOT_YAML,
  ...VERSIONS,
  ...IMPOSSIBLE,
  ...WITHOUT_EFFECT,
])('%j with %j is refused in full words', (yaml, sets, message) => {
  expect(messageOf(yaml, sets)).toBe(message);
});

test('all problems are reported, unknown keys first', () => {
  const error = catchConfigError('seed: -1\nengine:\n  block_size: 0\n  block_sise: 3', ['x=1']);
  expect(error.problems.map((problem) => problem.place.path)).toEqual([
    'x',
    'engine.block_sise',
    'seed',
    'engine.block_size',
  ]);
  expect(error.exitCode).toBe(2);
  expect(error.data.problems).toHaveLength(4);
});

test('a newer version has a code of its own', () => {
  expect(() => resolveConfig({ version: 2 })).toThrow(
    expect.objectContaining({ code: 'config_version_unsupported' }),
  );
});

test('aliases that grow without bound are refused, not expanded', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `k${level}: &a${level} [${Array(9).fill(level === 0 ? '1' : `*a${level - 1}`)}]`,
  );
  expect(messageOf(levels.join('\n'), [])).toBe(
    'run.yaml: not valid YAML: Excessive alias count indicates a resource exhaustion attack',
  );
});

function catchConfigError(yaml: string, sets: readonly string[]): ConfigError {
  try {
    resolveConfig(parseConfigText(yaml, 'run.yaml').value, sets.map(parseSetOption));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}
