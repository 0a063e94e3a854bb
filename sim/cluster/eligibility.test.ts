import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import type { TraceRouting } from '#traces/routing.ts';
import { countRejections, rejectionOf } from '../report/rejections.ts';
import type { RunResult } from '../report/run-result.ts';
import { run } from '../run.ts';

const ENGINE = {
  block_size: 4,
  num_gpu_blocks: 64,
  timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 },
};

const GROUPS = [
  { count: 2, taints: ['h100'], topology: { zone: 'a' } },
  { count: 1, taints: ['h200'], lora_adapters: ['sql'] },
];

function fly(
  rows: readonly HandRow[],
  router: object,
  rest: { readonly groups?: boolean; readonly workload?: object; readonly engine?: object } = {},
): RunResult {
  const cluster = { workers: 3, ...(rest.groups !== false && { groups: GROUPS }) };
  const config = resolveConfig({
    cluster,
    engine: { ...ENGINE, ...rest.engine },
    router,
    workload: { trace_block_size: 4, ...rest.workload },
  });
  return run({ config, seed: 1, ...traceOf(rows) });
}

/** The worker of each request, or why it has none. */
function served({ requests }: RunResult): (number | string)[] {
  return Array.from({ length: requests.count }, (_, row) => {
    return rejectionOf(requests, row) ?? requests.worker[row]!;
  });
}

function asking(atMs: number, routing: TraceRouting): HandRow {
  return { atMs, input: 4, output: 2, routing };
}

const MODES = ['kv_router', 'round_robin', 'random', 'power_of_two', 'least_loaded'];

test.each(MODES)('%s: requests go where they ask to, or end with the reason', (mode) => {
  const result = fly(
    [
      asking(0, { requiredTaints: ['h200'] }),
      asking(0, { requiredTaints: ['b200'] }),
      asking(1, { loraName: 'sql' }),
      asking(2, { backendInstanceId: 1 }),
      asking(2, { backendInstanceId: 1, requiredTaints: ['h200'] }),
      asking(3, { requiredTaints: ['dynamo.topology/zone=a', 'h200'] }),
      asking(3, { backendInstanceId: 77 }),
    ],
    { mode },
  );
  expect(served(result)).toEqual([
    2,
    'no_endpoints',
    2,
    1,
    'pinned_worker_not_allowed',
    'no_endpoints',
    'pinned_worker_not_allowed',
  ]);
  expect(countRejections(result.requests)).toEqual({
    no_endpoints: 2,
    pinned_worker_not_allowed: 2,
  });
  expect(result.requests.terminalNs[1]).toBe(0);
});

test('a preference outweighs a little load and not a lot', () => {
  const prefers = asking(0, { preferredTaints: { h200: 1 } });
  const load = Array.from({ length: 6 }, () => asking(0, { backendInstanceId: 2 }));
  // Each costs two blocks on an idle worker; 2 · exp(−tanh 1) = 0.93 of them is taken off on worker 2.
  expect(served(fly([prefers, { ...prefers }], { mode: 'kv_router' }))[0]).toBe(2);
  expect(served(fly([...load, prefers], { mode: 'kv_router' })).at(-1)).not.toBe(2);
});

test('a session and a user go on after a rejection', () => {
  const turns: HandRow[] = [
    { ...asking(0, { requiredTaints: ['b200'] }), session: 'a' },
    { input: 4, output: 1, session: 'a', delayMs: 5 },
  ];
  const { requests } = fly(turns, { mode: 'kv_router' });
  expect([requests.arrivalNs[1], requests.lastTokenNs[1]]).toEqual([5e6, 15e6]);
  const rows = [0, 1, 2, 3].map((row) =>
    asking(row, { requiredTaints: [row % 2 === 0 ? 'b200' : 'h200'] }),
  );
  const closed = fly(rows, { mode: 'least_loaded' }, { workload: { concurrency: 1 } });
  expect(served(closed)).toEqual(['no_endpoints', 2, 'no_endpoints', 2]);
  expect(closed.requests.lastTokenNs[3]).toBe(24e6);
});

test('what comes while every worker has too much to prefill is rejected', () => {
  const rows = Array.from({ length: 5 }, (_, row): HandRow => ({ atMs: row, input: 8, output: 1 }));
  const late: HandRow = { atMs: 20, input: 8, output: 1 };
  const limited = { mode: 'kv_router', active_prefill_tokens_threshold: 7 };
  const result = fly([...rows, late], limited, { groups: false });
  const workers = served(result);
  expect(workers.slice(0, 3).toSorted()).toEqual([0, 1, 2]);
  expect(workers.slice(3, 5)).toEqual(Array(2).fill('all_eligible_workers_overloaded'));
  expect(workers[5]).toBeTypeOf('number');
  const pinned = [...rows.slice(0, 3), asking(4, { backendInstanceId: 1 })];
  expect(served(fly(pinned, limited))[3]).toBe('pinned_worker_overloaded');
});

test.each(MODES)('%s: a worker whose KV blocks are in use takes nothing more', (mode) => {
  const router = { mode, active_decode_blocks_threshold: 0.1 };
  const rows: HandRow[] = [
    { atMs: 0, input: 40, output: 30, routing: { backendInstanceId: 0 } },
    { atMs: 0, input: 40, output: 30, routing: { backendInstanceId: 1 } },
    ...Array.from({ length: 4 }, (_, row) => ({ atMs: 20 + row, input: 4, output: 1 })),
    { atMs: 30, input: 40, output: 30, routing: { backendInstanceId: 2 } },
    { atMs: 45, input: 4, output: 1 },
    { atMs: 200, input: 4, output: 1 },
  ];
  const workers = served(fly(rows, router, { groups: false }));
  expect(new Set(workers.slice(2, 6))).toEqual(new Set([2]));
  expect(workers[7]).toBe('all_eligible_workers_overloaded');
  expect(workers[8]).toBeTypeOf('number');
});

test.each(MODES)('%s: a session stays with its worker while it comes back in time', (mode) => {
  const router = { mode, router_session_affinity_ttl_secs: 1 };
  const turn = (delayMs: number): HandRow => ({ input: 4, output: 1, session: 'a', delayMs });
  const rows: HandRow[] = [
    { atMs: 0, input: 4, output: 1, session: 'a' },
    ...Array.from({ length: 5 }, () => turn(100)),
    ...Array.from({ length: 8 }, (_, row) => ({ atMs: 100 * row, input: 40, output: 40 })),
  ];
  const workers = served(fly(rows, router, { groups: false })).slice(0, 6);
  expect(new Set(workers).size).toBe(1);
});

test('direct: a request that names no worker is rejected', () => {
  const rows = [asking(0, { backendInstanceId: 2 }), { atMs: 1, input: 4, output: 1 }];
  expect(served(fly(rows, { mode: 'direct' }))).toEqual([2, 'no_target_named']);
});

test('CPUs take what an accelerator is worth less', () => {
  const config = resolveConfig({
    cluster: { workers: 3, groups: [{ count: 2 }, { count: 1, device: 'cpu' }] },
    engine: ENGINE,
    router: { mode: 'device_aware_weighted', encoder_cuda_to_cpu_ratio: 1 },
  });
  const rows = Array.from({ length: 6 }, (): HandRow => ({ atMs: 0, input: 40, output: 9 }));
  const workers = served(run({ config, seed: 1, ...traceOf(rows) }));
  // The CPU may have ⌊accelerator load / 2⌋.
  expect(workers.map((worker) => worker === 2)).toEqual([false, false, true, false, false, true]);
});

test('of several ranks a pin names one, and a worker is overloaded with all of them', () => {
  const engine = { data_parallel_size: 2 };
  const pin = (backendInstanceId: number, dpRank: number): HandRow =>
    asking(0, { backendInstanceId, dpRank });
  const plain = { groups: false, engine };
  expect(served(fly([pin(1, 1), pin(0, 0)], { mode: 'kv_router' }, plain))).toEqual([3, 0]);
  expect(() => fly([asking(0, { backendInstanceId: 1 })], { mode: 'kv_router' }, plain)).toThrow(
    /dp_rank: the pin does not name a rank of its worker; allowed: a number from 0 to 1/,
  );
  const limited = { mode: 'kv_router', active_prefill_tokens_threshold: 3 };
  const rows = [pin(0, 0), pin(0, 0), pin(0, 1), pin(0, 0)];
  expect(served(fly(rows, limited, plain))).toEqual([0, 0, 1, 'pinned_worker_overloaded']);
});

test('a row names who may serve it, who may not, and who holds its embeddings', () => {
  const rows = [
    asking(0, { allowedWorkers: [2] }),
    asking(1, { excludedWorkers: [0, 2] }),
    asking(2, { allowedWorkers: [] }),
  ];
  expect(served(fly(rows, { mode: 'kv_router' }))).toEqual([2, 1, 'no_endpoints']);
  const held = Array.from({ length: 3 }, () => asking(0, { embeddingHolders: [1] }));
  // Served beside the other work: the holder gets all of them, though the others are idle.
  expect(served(fly(held, { mode: 'device_aware_weighted' }))).toEqual([1, 1, 1]);
});
