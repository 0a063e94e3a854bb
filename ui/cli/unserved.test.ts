import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { TraceBatch } from '#traces/batch.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { refuseIdleSettings } from './idle-settings.ts';
import { refuseUnserved } from './unserved.ts';

/** Prompts of 100 and of 300 tokens; the second is sent to a worker by its caller, if that is said. */
function traceOf(pinned = false, priority = 0): LoadedTrace {
  const batch = new TraceBatch();
  batch.append(1, 100, 5);
  batch.append(2, 300, 5);
  if (pinned) batch.routing[1] = { backendInstanceId: 0 };
  batch.priority[1] = priority;
  return {
    path: 'two.jsonl',
    format: 'azure',
    sha256: '',
    requests: 2,
    batches: [batch],
    hasContent: false,
    resendsOutput: false,
    sessions: 0,
    traceBlockSize: 512,
    notes: [],
  };
}

const PREFILL = { role: 'prefill', workers: 1 } as const;
const DECODE = { role: 'decode', workers: 1 } as const;
const POOLS = { pools: [PREFILL, DECODE] };

const UNNAMED =
  'no request of two.jsonl names its worker (backend_instance_id), and this mode serves no others; received "direct"; set another mode, such as kv_router or round_robin';

const REFUSED: readonly (readonly [why: string, input: ConfigInput, message: string])[] = [
  [
    'workers that nobody names',
    { router: { mode: 'direct' } },
    `router.mode: impossible: ${UNNAMED}`,
  ],
  [
    'workers of pools that nobody names',
    { cluster: POOLS, router: { mode: 'direct' } },
    `router.mode: impossible: ${UNNAMED}`,
  ],
  [
    'workers of one pool that nobody names',
    { cluster: { pools: [PREFILL, { ...DECODE, router: { mode: 'direct' } }] } },
    `cluster.pools[1].router.mode: impossible: ${UNNAMED}`,
  ],
  [
    'a pass narrower than every prompt, which is not cut',
    { engine: { max_num_batched_tokens: 99, enable_chunked_prefill: false } },
    'engine.max_num_batched_tokens: impossible: the shortest prompt of two.jsonl has 100 tokens, more than a pass (99 tokens), and prompts are not cut into chunks; received 99; raise it, or set engine.enable_chunked_prefill to true',
  ],
  [
    'a KV cache smaller than every prompt',
    { engine: { num_gpu_blocks: 6, block_size: 16 } },
    'engine.num_gpu_blocks: impossible: the shortest prompt of two.jsonl has 100 tokens, more than the KV cache of a worker (6 blocks of 16 tokens); received 6; raise it',
  ],
  [
    'a model that reads no prompt whole',
    { engine: { max_model_len: 100 } },
    'engine.max_model_len: impossible: the shortest prompt of two.jsonl has 100 tokens, more than what the model reads before its first token (99 tokens); received 100',
  ],
  [
    'decode workers without room for any prompt',
    { cluster: { pools: [PREFILL, { ...DECODE, engine: { num_gpu_blocks: 1 } }] } },
    'cluster.pools[1].engine.num_gpu_blocks: impossible: the shortest prompt of two.jsonl has 100 tokens',
  ],
];

test.each(REFUSED)('%s: nobody could be served', (_why, input, message) => {
  expect(() => refuseUnserved(traceOf(), resolveConfig(input))).toThrow(message);
});

const SERVED: readonly (readonly [why: string, input: ConfigInput])[] = [
  ['one prompt fits', { engine: { num_gpu_blocks: 7, block_size: 16 } }],
  ['one prompt is read whole', { engine: { max_model_len: 101 } }],
  ['chunks of a narrow pass', { engine: { max_num_batched_tokens: 99 } }],
  ['SGLang always cuts', { engine: { backend: 'sglang', block_size: 64 } }],
  [
    'prompts pass a small prefill pool by',
    {
      cluster: { pools: [{ ...PREFILL, engine: { num_gpu_blocks: 1 } }, DECODE] },
      router: { conditional_disagg_enabled: true },
    },
  ],
];

test.each(SERVED)('%s: it flies', (_why, input) => {
  expect(() => refuseUnserved(traceOf(), resolveConfig(input))).not.toThrow();
});

test('a request that names its worker is enough', () => {
  const config = resolveConfig({ router: { mode: 'direct' } });
  expect(() => refuseUnserved(traceOf(true), config)).not.toThrow();
});

test('an order by priority needs requests that differ in it, or tenants that have one', () => {
  const engine = { scheduling_policy: 'priority' } as const;
  const fly = (input: ConfigInput, priority: number) => () =>
    refuseIdleSettings(traceOf(false, priority), resolveConfig(input));
  expect(fly({ engine }, 0)).toThrow(
    'engine.scheduling_policy: has no effect: every request has the same priority; received "priority"; leave it out, give the requests of two.jsonl a priority, or their tenants with workload.tenants',
  );
  expect(fly({ engine }, 3)).not.toThrow();
  const tenants = [{ name: 'paid', share: 1, priority: 2 }];
  expect(fly({ engine, workload: { tenants } }, 0)).not.toThrow();
});
