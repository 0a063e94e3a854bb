import { expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { MODEL_KEYS } from './engine-model.ts';
import { configKeys } from './keys.ts';
import { resolveConfig } from './resolve.ts';

type Backend = 'vllm' | 'sglang' | 'trtllm';

const ALL: readonly Backend[] = ['vllm', 'sglang', 'trtllm'];

/**
 * Every key of the engine: a value other than its default, who reads it, and what else must be set
 * for that. A key that its engine ignores is refused, so whoever is not in the list refuses it.
 */
const KEYS: Readonly<
  Record<string, { value: unknown; readBy: readonly Backend[]; beside?: Record<string, unknown> }>
> = {
  data_parallel_size: { value: 2, readBy: ALL },
  block_size: { value: 32, readBy: ALL },
  num_gpu_blocks: { value: 512, readBy: ALL },
  max_num_seqs: { value: 8, readBy: ALL },
  max_num_batched_tokens: { value: 4096, readBy: ['vllm', 'trtllm'] },
  max_model_len: { value: 4096, readBy: ALL },
  enable_prefix_caching: { value: false, readBy: ALL },
  enable_chunked_prefill: { value: false, readBy: ['vllm', 'trtllm'] },
  scheduling_policy: { value: 'priority', readBy: ['vllm', 'trtllm'] },
  stream_interval: { value: 8, readBy: ALL },
  prefill_schedule_interval: { value: 4, readBy: ['vllm'] },
  preemption_mode: { value: 'fifo', readBy: ['vllm'] },
  capacity_scheduler_policy: { value: 'max_utilization', readBy: ['trtllm'] },
  kv_eviction_policy: { value: 'fifo', readBy: ALL },
  chunked_prefill_size: { value: 4096, readBy: ['sglang'] },
  max_prefill_tokens: { value: 4096, readBy: ['sglang'] },
  schedule_policy: { value: 'lpm', readBy: ['sglang'] },
  schedule_conservativeness: { value: 0.5, readBy: ['sglang'] },
  clip_max_new_tokens: { value: 128, readBy: ['sglang'] },
  prefill_decode_interval: { value: 3, readBy: ['sglang'] },
  num_speculative_tokens: { value: 2, readBy: ALL },
  speculative_acceptance_rates: {
    value: [0.5],
    readBy: ALL,
    beside: { num_speculative_tokens: 2 },
  },
  host_overhead_ms: { value: 0.5, readBy: ALL },
  host_overhead_per_request_us: { value: 3, readBy: ALL },
  async_scheduling: { value: false, readBy: ALL, beside: { host_overhead_ms: 0.5 } },
  speedup_ratio: { value: 2, readBy: ALL },
  decode_speedup_ratio: { value: 2, readBy: ALL },
  stepping: { value: 'exact', readBy: ALL },
};

/** Without a router that reads settings of the engine as well. */
function resolveEngine(engine: Readonly<Record<string, unknown>>): unknown {
  return resolveConfig({ engine, router: { mode: 'round_robin' } });
}

function problemsOf(engine: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    resolveEngine(engine);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

test('the table names every key of the engine', () => {
  const names = configKeys()
    .map(({ path }) => path.split('.'))
    .filter(([section, name]) => section === 'engine' && name !== 'timing' && name !== 'backend')
    .map(([, name]) => name!);
  // What a model on a GPU reads has a test of its own.
  expect([...new Set(names)].sort()).toEqual([...Object.keys(KEYS), ...MODEL_KEYS].sort());
});

const CASES = Object.entries(KEYS).flatMap(([key, rest]) =>
  ALL.map((backend) => ({ key, backend, ...rest, reads: rest.readBy.includes(backend) })),
);

test.each(CASES.filter(({ reads }) => reads))(
  '$backend reads engine.$key',
  ({ key, backend, value, beside }) => {
    expect(() => resolveEngine({ backend, ...beside, [key]: value })).not.toThrow();
  },
);

test.each(CASES.filter(({ reads }) => !reads))(
  '$backend refuses engine.$key, with reason and remedy',
  ({ key, backend, value, beside }) => {
    const problems = problemsOf({ backend, ...beside, [key]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      new RegExp(
        `^engine\\.${key}: has no effect: .+; received .+; leave it out, or set engine\\.`,
      ),
    );
  },
);

test.each([
  [{ backend: 'vllm', scheduling_policy: 'priority', preemption_mode: 'lifo' }, 'preemption_mode'],
  [{ backend: 'trtllm', preemption_mode: 'lifo' }, 'preemption_mode'],
  [{ async_scheduling: true }, 'async_scheduling'],
  [{ speculative_acceptance_rates: [0.5] }, 'speculative_acceptance_rates'],
  [{ num_speculative_tokens: 1, stepping: 'leap' }, 'stepping'],
  [{ enable_prefix_caching: false, kv_eviction_policy: 'fifo' }, 'kv_eviction_policy'],
])('%j is refused for engine.%s', (engine, key) => {
  const problems = problemsOf(engine);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`engine.${key}: has no effect`);
});

test('paused requests of TensorRT-LLM give way in an order of their own, with priorities too', () => {
  const engine = { backend: 'trtllm', capacity_scheduler_policy: 'max_utilization' };
  expect(problemsOf({ ...engine, scheduling_policy: 'priority', preemption_mode: 'fifo' })).toEqual(
    [],
  );
});

test('with scheduling by priority, that of a tenant is read, and its strict priority is not', () => {
  const tenants = [
    { name: 'a', priority: 1 },
    { name: 'b', strict_priority: 1 },
  ];
  const resolve = (scheduling_policy: string) => () =>
    resolveConfig({ engine: { scheduling_policy }, workload: { tenants } });
  expect(resolve('priority')).toThrow(/^workload\.tenants\[1\]\.strict_priority: has no effect/);
  expect(resolve('fcfs')).toThrow(/^workload\.tenants\[0\]\.priority: has no effect/);
});
