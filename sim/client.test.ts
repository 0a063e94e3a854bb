import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import type { TraceClient } from '#traces/client.ts';
import type { RunResult } from './report/run-result.ts';
import { run } from './run.ts';
import { NEVER, RequestStatus } from './workload/request-table.ts';

/** A pass of prefill takes 10 ms, of decode 2 ms, in every engine. */
const FIXED = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };

interface Hand {
  readonly engine?: Readonly<Record<string, unknown>>;
  readonly workload?: Readonly<Record<string, unknown>>;
  readonly router?: Readonly<Record<string, unknown>>;
}

function fly(rows: readonly HandRow[], hand: Hand = {}): RunResult {
  const engine = { block_size: 4, num_gpu_blocks: 64, timing: FIXED, ...hand.engine };
  const workload = { trace_block_size: 4, ...hand.workload };
  const router = { mode: 'round_robin', ...hand.router };
  const config = resolveConfig({ cluster: { workers: 1 }, engine, router, workload });
  return run({ config, seed: 1, ...traceOf(rows) });
}

const at = (atMs: number, input: number, output: number, client: TraceClient = {}): HandRow => ({
  atMs,
  input,
  output,
  client,
});

/** What became of each row: status, end in ms, tokens that its client got, and those after. */
function fates({ requests: table }: RunResult) {
  return Array.from({ length: table.count }, (_, row) => [
    Object.keys(RequestStatus)[table.status[row]!],
    table.terminalNs[row]! / 1e6,
    table.outputTokens[row],
    table.unreadTokens[row] ?? 0,
  ]);
}

test('a burst that comes whole when its client has gone gives it no second token', () => {
  const engine = { num_speculative_tokens: 2, speculative_acceptance_rates: [1, 1] };
  const workload = { trace_block_size: 4 };
  const config = resolveConfig({
    cluster: { workers: 1 },
    engine: { block_size: 4, num_gpu_blocks: 64, timing: FIXED, ...engine },
    router: { mode: 'round_robin' },
    workload,
    compat: 'dynamo-1.6',
  });
  const rows = [at(0, 4, 3, { cancelAfterMs: 5 }), at(0, 4, 9)];
  const { requests } = run({ config, seed: 1, ...traceOf(rows) });
  expect(requests.unreadTokens[0]).toBe(3);
  expect([requests.firstTokenNs[0], requests.secondTokenNs[0]]).toEqual([NEVER, NEVER]);
});

const ENGINES: [string, Record<string, unknown>][] = [
  ['vllm', {}],
  ['trtllm', { backend: 'trtllm' }],
  ['sglang', { backend: 'sglang' }],
];

test.each(ENGINES)('%s: a decoding request leaves when the pass under way ends', (_, engine) => {
  // First token at 10, then 12, 14, 16 …; its client goes at 15, in the pass that ends at 16.
  const rows = [at(0, 4, 50, { cancelAfterMs: 15 }), at(0, 4, 6)];
  const result = fly(rows, { engine });
  expect(fates(result)).toEqual([
    ['cancelled', 15, 3, 1],
    ['completed', 20, 6, 0],
  ]);
  expect(result.kvUsedAtEnd).toEqual([0]);
  expect(result.requests.lastTokenNs[0]).toBe(NEVER);
});

test.each(ENGINES)('%s: at the end of a pass it leaves at once', (_, engine) => {
  const result = fly([at(0, 4, 50, { cancelAfterMs: 14 })], { engine });
  expect(fates(result)).toEqual([['cancelled', 14, 3, 0]]);
  expect([result.passes, result.simulatedNs]).toEqual([3, 14e6]);
});

test.each(ENGINES)('%s: after so many tokens it ends with the last of them', (_, engine) => {
  const rows = [at(0, 4, 50, { cancelAfterTokens: 4 }), at(0, 4, 3, { cancelAfterTokens: 3 })];
  const result = fly(rows, { engine });
  expect(fates(result)).toEqual([
    ['cancelled', 16, 4, 0],
    ['completed', 14, 3, 0],
  ]);
});

test.each(ENGINES)('%s: in the middle of a chunked prompt', (_, engine) => {
  const chunk = engine.backend === 'sglang' ? 'chunked_prefill_size' : 'max_num_batched_tokens';
  const rows = [at(0, 40, 2, { cancelAfterMs: 13 }), at(0, 4, 1)];
  const result = fly(rows, { engine: { ...engine, [chunk]: 8, max_num_seqs: 8 } });
  // Two chunks are computed for nobody; then the other, which waited behind it, has its turn.
  expect(fates(result)).toEqual([
    ['cancelled', 13, 0, 0],
    ['completed', 30, 1, 0],
  ]);
  expect([...result.requests.prefilledTokens.subarray(0, 2)]).toEqual([16, 4]);
  expect(result.requests.firstTokenNs[0]).toBe(NEVER);
});

test.each(ENGINES)('%s: a first token that comes too late is not one', (_, engine) => {
  const result = fly([at(0, 4, 9, { firstTokenTimeoutMs: 9 })], { engine });
  expect(fates(result)).toEqual([['timedOut', 9, 0, 1]]);
  expect(result.requests.firstTokenNs[0]).toBe(NEVER);
  expect(result.simulatedNs).toBe(10e6);
  expect(fates(fly([at(0, 4, 9, { firstTokenTimeoutMs: 10 })], { engine }))).toEqual([
    ['completed', 26, 9, 0],
  ]);
});

test.each(ENGINES)('%s: waiting in the engine', (_, engine) => {
  const rows = [at(0, 4, 6), at(0, 4, 6, { cancelAfterMs: 11 }), at(0, 4, 2)];
  const result = fly(rows, { engine: { ...engine, max_num_seqs: 1 } });
  expect(fates(result)).toEqual([
    ['completed', 20, 6, 0],
    ['cancelled', 11, 0, 0],
    ['completed', 32, 2, 0],
  ]);
  expect(result.requests.firstAdmitNs[1]).toBe(NEVER);
});

test('in the queue of the router', () => {
  const router = { mode: 'kv_router', router_queue_threshold: 0.5 };
  const rows = [at(0, 8, 3), at(0, 8, 3, { cancelAfterMs: 5 }), at(0, 8, 3)];
  const result = fly(rows, { router, engine: { max_num_batched_tokens: 8, max_num_seqs: 8 } });
  expect(result.requests.worker[1]).toBe(-1);
  expect(fates(result)[1]).toEqual(['cancelled', 5, 0, 0]);
  expect(fates(result)[2]![0]).toBe('completed');
});

const RETRY = { max_attempts: 3, retry_base_ms: 10, retry_jitter_ratio: 0 };

test('an attempt that timed out is followed by others, each after a longer wait', () => {
  // The only place is taken until 50: B gives up at 20 and, back at 30, at 50; from 70 on it is alone.
  const rows = [at(0, 4, 21), at(0, 4, 2, { firstTokenTimeoutMs: 20 })];
  const result = fly(rows, { engine: { max_num_seqs: 1 }, workload: { client: RETRY } });
  const { requests: table } = result;
  expect(fates(result)).toEqual([
    ['completed', 50, 21, 0],
    ['timedOut', 20, 0, 0],
    ['timedOut', 50, 0, 0],
    ['completed', 82, 2, 0],
  ]);
  expect([...table.arrivalNs.subarray(0, 4)]).toEqual([0, 0, 30e6, 70e6]);
  expect([...table.attempt.subarray(0, 4)]).toEqual([0, 0, 1, 2]);
});

test('nobody tries more often than it may', () => {
  const client = { ...RETRY, ttft_timeout_ms: 5 };
  const result = fly([at(0, 4, 2)], { workload: { client } });
  expect(fates(result).map(([status]) => status)).toEqual(['timedOut', 'timedOut', 'timedOut']);
});

test('whom the router has turned away comes back; whoever can never be served does not', () => {
  const router = { mode: 'kv_router', active_prefill_tokens_threshold: 1 };
  const rows = [at(0, 4, 2), at(1, 4, 2), at(100, 4000, 2)];
  const result = fly(rows, { router, workload: { client: RETRY } });
  expect(fates(result)).toEqual([
    ['completed', 12, 2, 0],
    ['rejected', 1, 0, 0],
    ['rejected', 100, 0, 0],
    ['completed', 24, 2, 0],
  ]);
  const only = { ...RETRY, retry_on: ['timed_out'] };
  expect(fly(rows, { router, workload: { client: only } }).requests.count).toBe(3);
});

test('whoever would leave before it came back does not come back', () => {
  const both = { firstTokenTimeoutMs: 5, cancelAfterMs: 14 };
  const result = fly([at(0, 4, 2, both)], { workload: { client: RETRY } });
  expect(fates(result)).toEqual([['timedOut', 5, 0, 1]]);
});

const turns = [
  { ...at(0, 4, 9, { cancelAfterMs: 11 }), session: 'a' },
  { input: 4, output: 1, session: 'a', delayMs: 100 },
];

test('a session goes on after a turn that was cancelled, or ends there', () => {
  expect(fates(fly(turns))[1]).toEqual(['completed', 121, 1, 0]);
  const { requests } = fly(turns, { workload: { client: { failed_turn: 'end' } } });
  expect(requests.arrivalNs[1]).toBe(NEVER);
});

test('in a closed loop the user goes on at once, with another session where this one ends', () => {
  const rows = [...turns, { input: 4, output: 1, session: 'b' }];
  const closed = { concurrency: 1 };
  expect(fates(fly(rows, { workload: closed })).map(([, endMs]) => endMs)).toEqual([11, 121, 131]);
  const workload = { ...closed, client: { failed_turn: 'end' } };
  const { requests } = fly(rows, { workload });
  expect([requests.terminalNs[0], requests.arrivalNs[1], requests.arrivalNs[2]]).toEqual([
    11e6,
    NEVER,
    11e6,
  ]);
});

test('a request keeps its place under a cap while it waits to come back', () => {
  const workload = { max_concurrency: 1, client: { ...RETRY, ttft_timeout_ms: 15 } };
  const router = { mode: 'kv_router', active_prefill_tokens_threshold: 1 };
  const rows = [at(0, 4, 2), at(1, 4, 2)];
  const { requests } = fly(rows, { workload, router });
  expect([...requests.arrivalNs.subarray(0, 2)]).toEqual([0, 12e6]);
});

test.each(ENGINES)('%s: a task that ends with its prompt has an end and no token', (_, engine) => {
  for (const task of ['embed', 'prefill_only'] as const) {
    const ids = [1, 2];
    const rows = [
      { ...at(0, 8, 0, { task }), ids },
      { ...at(20, 8, 0, { task }), ids },
      { ...at(40, 8, 0), ids },
    ];
    const { requests: table } = fly(rows, { engine });
    expect([...table.status.subarray(0, 2)]).toEqual([3, 3]);
    expect([table.firstTokenNs[1], table.lastTokenNs[1]]).toEqual([NEVER, NEVER]);
    // Its last token is computed, whatever is cached; a request that asks for nothing needs none.
    expect([...table.firstReusedTokens.subarray(0, 3)]).toEqual([0, 4, 8]);
    expect(table.terminalNs[1]).toBe(30e6);
  }
});

test.each(ENGINES)('%s: max_model_len cuts an answer off and turns a prompt away', (_, engine) => {
  const rows = [at(0, 8, 9), at(0, 12, 1), at(0, 13, 0)];
  const result = fly(rows, { engine: { ...engine, max_model_len: 12 } });
  expect(fates(result).map(([status, , tokens]) => [status, tokens])).toEqual([
    ['completed', 4],
    ['rejected', 0],
    ['rejected', 0],
  ]);
});

test('a preempted request that waits to come back is let go, with what it had generated', () => {
  // Two prompts of 4 and 4 blocks of output each do not fit into 6 blocks together.
  const rows = [at(0, 4, 20), at(0, 4, 20, { cancelAfterMs: 40 })];
  const result = fly(rows, { engine: { num_gpu_blocks: 7, enable_prefix_caching: false } });
  expect(result.preemptions).toBeGreaterThan(0);
  const [kept, left] = fates(result);
  expect(kept![0]).toBe('completed');
  expect(left).toEqual(['cancelled', 40, expect.any(Number), 0]);
  expect(result.kvUsedAtEnd).toEqual([0]);
});
