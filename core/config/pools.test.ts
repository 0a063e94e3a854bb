import { expect, test } from 'vitest';
import { writableConfig } from './effect.ts';
import { isDisaggregated, poolsOf, schedulersOf } from './pools.ts';
import { resolveConfig } from './resolve.ts';
import type { ConfigInput, ResolvedConfig } from './schema.ts';

const PREFILL = { role: 'prefill', workers: 2 } as const;
const DECODE = { role: 'decode', workers: 3, gpus_per_worker: 2 } as const;

function resolve(input: ConfigInput): ResolvedConfig {
  return resolveConfig(input);
}

test('a cluster without pools is one of aggregated workers', () => {
  const config = resolve({ cluster: { workers: 5 } });
  const [pool, ...others] = poolsOf(config);
  expect(pool).toMatchObject({ name: 'workers', role: 'aggregated', entry: undefined });
  expect(pool!.config).toBe(config);
  expect(others).toEqual([]);
  expect(isDisaggregated(config)).toBe(false);
});

test('each pool sees its own workers, engine and router, and the sections where it has none', () => {
  const config = resolve({
    cluster: {
      pools: [
        { ...DECODE, name: 'tokens', engine: { num_gpu_blocks: 99, data_parallel_size: 4 } },
        { ...PREFILL, engine: { timing: { type: 'fixed', prefill_ms: 1, decode_ms: 2 } } },
      ],
    },
    engine: { block_size: 32 },
    router: { prefill_load_scale: 3 },
  });
  const [prefill, decode] = poolsOf(config);
  expect(prefill).toMatchObject({
    name: 'prefill',
    config: {
      cluster: { workers: 2, gpus_per_worker: 1 },
      engine: { block_size: 32, num_gpu_blocks: 16384, timing: { prefill_ms: 1 } },
      router: { prefill_load_scale: 3, router_track_active_blocks: false, overlap_score_credit: 1 },
    },
  });
  expect(decode).toMatchObject({
    name: 'tokens',
    config: {
      cluster: { workers: 3, gpus_per_worker: 2 },
      engine: { block_size: 32, num_gpu_blocks: 99, timing: { type: 'polynomial' } },
      router: {
        router_track_active_blocks: true,
        overlap_score_credit: 0,
        router_assume_kv_reuse: false,
        router_track_prefill_tokens: false,
      },
    },
  });
  expect(schedulersOf(config)).toBe(2 + 3 * 4);
});

test('a pool may go against what its role makes of the router', () => {
  const pool = { ...DECODE, router: { overlap_score_credit: 0.5 } };
  const [, decode] = poolsOf(resolve({ cluster: { pools: [PREFILL, pool] } }));
  expect(decode!.config.router.overlap_score_credit).toBe(0.5);
});

test('what is written of pools is read again as it was', () => {
  const config = resolve({
    cluster: { pools: [{ ...PREFILL, engine: { max_num_seqs: 8 } }, DECODE] },
    kv_transfer: { bytes_per_token: 4096, bandwidth_gb_s: 50, timing_mode: 'destination_missing' },
  });
  const written = writableConfig(config);
  expect(written.cluster).not.toHaveProperty('workers');
  expect(resolveConfig(written)).toEqual(config);
});

const REFUSED: readonly (readonly [why: string, input: ConfigInput, message: string])[] = [
  [
    'a prefill pool alone',
    { cluster: { pools: [PREFILL] } },
    'cluster.pools: impossible: no pool has the role decode, and nobody takes over what the prefill workers have computed',
  ],
  [
    'a decode pool alone',
    { cluster: { pools: [DECODE] } },
    'cluster.pools: impossible: no pool has the role prefill, and nobody computes the prompts for the decode workers',
  ],
  [
    'an aggregated pool beside others',
    { cluster: { pools: [PREFILL, DECODE, { role: 'aggregated', workers: 1 }] } },
    'cluster.pools: impossible: a request that arrives goes to the aggregated pool or to the prefill pool',
  ],
  [
    'two pools of a role',
    { cluster: { pools: [PREFILL, DECODE, { ...DECODE, name: 'more' }] } },
    'cluster.pools: impossible: 2 pools have the role decode',
  ],
  [
    'two pools of a name',
    { cluster: { pools: [PREFILL, { ...DECODE, name: 'prefill' }] } },
    'cluster.pools[1].name: impossible: another pool is called prefill too',
  ],
  [
    'workers beside pools',
    { cluster: { workers: 2, pools: [PREFILL, DECODE] } },
    'cluster.workers: has no effect: each of cluster.pools has its own',
  ],
  [
    'blocks of different sizes',
    { cluster: { pools: [PREFILL, { ...DECODE, engine: { block_size: 16 } }] } },
    'cluster.pools[1].engine.block_size: impossible: prefill workers have KV blocks of 64 tokens and decode workers of 16, and a block cannot be handed over in parts',
  ],
  [
    'different engines',
    { cluster: { pools: [{ ...PREFILL, engine: { backend: 'sglang' } }, DECODE] } },
    'cluster.pools[0].engine.backend: impossible: a KV block of sglang means nothing to vllm',
  ],
  [
    'a size without a bandwidth',
    { cluster: { pools: [PREFILL, DECODE] }, kv_transfer: { bytes_per_token: 1 } },
    'kv_transfer.bytes_per_token: impossible: what a transfer moves is known, and not how fast',
  ],
  [
    'a bandwidth without a size',
    { cluster: { pools: [PREFILL, DECODE] }, kv_transfer: { bandwidth_gb_s: 1 } },
    'kv_transfer.bandwidth_gb_s: impossible: how fast a transfer is is known, and not what it moves',
  ],
  [
    'a timing of what takes no time',
    { cluster: { pools: [PREFILL, DECODE] }, kv_transfer: { timing_mode: 'full_prompt' } },
    'kv_transfer.timing_mode: has no effect: a transfer takes no time, whatever it moves',
  ],
  [
    'a transfer without pools',
    { kv_transfer: { order: 'source_first' } },
    'kv_transfer.order: has no effect: no prefill worker hands anything over to a decode worker',
  ],
  [
    "a key that the pool's engine ignores",
    { cluster: { pools: [PREFILL, { ...DECODE, engine: { schedule_policy: 'lpm' } }] } },
    'cluster.pools[1].engine.schedule_policy: has no effect: only SGLang has it',
  ],
  [
    'a key that both engines ignore',
    { cluster: { pools: [PREFILL, DECODE] }, engine: { schedule_policy: 'lpm' } },
    'engine.schedule_policy: has no effect: only SGLang has it',
  ],
  [
    'drafts of prefill workers',
    { cluster: { pools: [{ ...PREFILL, engine: { num_speculative_tokens: 2 } }, DECODE] } },
    'cluster.pools[0].engine.num_speculative_tokens: has no effect: prefill workers decode nothing',
  ],
  [
    'a key that every pool has its own of',
    {
      cluster: {
        pools: [
          { ...PREFILL, engine: { num_gpu_blocks: 9 } },
          { ...DECODE, engine: { num_gpu_blocks: 8 } },
        ],
      },
      engine: { num_gpu_blocks: 7 },
    },
    'engine.num_gpu_blocks: has no effect: every pool that reads it has its own',
  ],
  [
    'what the roles decide',
    { cluster: { pools: [PREFILL, DECODE] }, router: { router_assume_kv_reuse: true } },
    'router.router_assume_kv_reuse: has no effect',
  ],
  [
    'groups that are not all workers of a pool',
    { cluster: { pools: [{ ...PREFILL, groups: [{ count: 1 }] }, DECODE] } },
    'cluster.pools[0].groups: impossible: its counts add up to 1, and cluster.pools[0].workers is 2',
  ],
  [
    'a contradiction inside a pool',
    {
      cluster: {
        pools: [PREFILL, { ...DECODE, engine: { num_speculative_tokens: 16, max_num_seqs: 4096 } }],
      },
    },
    'cluster.pools[1].engine.num_speculative_tokens: impossible: 4096 requests with 16 drafts each',
  ],
  [
    'an unknown role',
    { cluster: { pools: [{ role: 'prefil' as 'prefill', workers: 1 }, DECODE] } },
    'cluster.pools[0].role: bad value; received "prefil"; allowed: aggregated, prefill, decode, encode; did you mean "prefill"?',
  ],
  [
    'a pool without workers',
    { cluster: { pools: [{ ...PREFILL, workers: 0 }, DECODE] } },
    'cluster.pools[0].workers: bad value; received 0',
  ],
  [
    'an unknown key of a pool',
    { cluster: { pools: [PREFILL, { ...DECODE, engine: { blok_size: 16 } as object }] } },
    'cluster.pools[1].engine.blok_size: unknown key',
  ],
];

test.each(REFUSED)('%s is refused with the reason', (_why, input, message) => {
  expect(() => resolve(input)).toThrow(message);
});

test('an aggregated pool alone is a cluster of such workers', () => {
  const config = resolve({ cluster: { pools: [{ role: 'aggregated', workers: 7 }] } });
  expect(poolsOf(config)[0]!.config.cluster.workers).toBe(7);
  expect(isDisaggregated(config)).toBe(false);
});
