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
