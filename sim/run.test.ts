import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import type { RunResult } from './report/run-result.ts';
import { run } from './run.ts';
import { RequestStatus } from './workload/request-table.ts';

const FIXED = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };

interface Hand {
  readonly engine?: Readonly<Record<string, unknown>>;
  readonly workload?: Readonly<Record<string, unknown>>;
  readonly workers?: number;
  readonly mode?: string;
}

function fly(rows: readonly HandRow[], hand: Hand = {}): RunResult {
  const engine = { block_size: 4, num_gpu_blocks: 64, timing: FIXED, ...hand.engine };
  const workload = { trace_block_size: 4, ...hand.workload };
  const cluster = { workers: hand.workers ?? 1 };
  const router = { mode: hand.mode ?? 'round_robin' };
  const config = resolveConfig({ cluster, engine, router, workload });
  return run({ config, seed: 1, ...traceOf(rows) });
}

/** First and last token of each request, milliseconds since the run began. */
function tokensMs({ requests }: RunResult): number[][] {
  return Array.from({ length: requests.count }, (_, row) => [
    requests.firstTokenNs[row]! / 1e6,
    requests.lastTokenNs[row]! / 1e6,
  ]);
}

const at = (atMs: number, input: number, output: number, ids?: number[]): HandRow =>
  ids === undefined ? { atMs, input, output } : { atMs, input, output, ids };

test('one request: its first token comes out of the prefill pass', () => {
  expect(tokensMs(fly([at(0, 4, 2)]))).toEqual([[10, 12]]);
});

test('two at once share their passes', () => {
  const rows = [at(0, 4, 2), at(0, 4, 2)];
  expect(tokensMs(fly(rows))).toEqual([
    [10, 12],
    [10, 12],
  ]);
});

test('with one place in the batch the second waits for the end of the first', () => {
  const rows = [at(0, 4, 2), at(0, 4, 2)];
  expect(tokensMs(fly(rows, { engine: { max_num_seqs: 1 } }))).toEqual([
    [10, 12],
    [22, 24],
  ]);
});

test('a prompt beyond the budget is computed in chunks', () => {
  const result = fly([at(0, 20, 1)], { engine: { max_num_batched_tokens: 8 } });
  expect([tokensMs(result), result.passes]).toEqual([[[30, 30]], 3]);
});

test('decode takes its share of the budget before prompts do', () => {
  // Chunks 8 | 4 + 4 | 1 + 7 | 2: the third pass decodes too, the last token comes out of the fourth.
  const rows = [at(0, 12, 2), at(0, 13, 1)];
  expect(tokensMs(fly(rows, { engine: { max_num_batched_tokens: 8 } }))).toEqual([
    [20, 32],
    [42, 42],
  ]);
});

test('a request that comes in the middle of a pass is seen when it ends', () => {
  const rows = [at(0, 4, 4), at(13, 5, 1)];
  const result = fly(rows);
  expect(tokensMs(result)).toEqual([
    [10, 26],
    [26, 26],
  ]);
  expect(result.requests.firstAdmitNs[1]).toBe(14e6);
  expect(result.itlNs.count).toBe(3);
  expect(result.itlNs.sum).toBe(16e6);
});

test('one that comes at the very end of a pass is in the next', () => {
  expect(tokensMs(fly([at(0, 4, 4), at(14, 5, 1)]))[1]).toEqual([26, 26]);
});

test('a single server with even service is M/D/1: the mean wait is ρS / 2(1 − ρ)', () => {
  const stream = openStream(5, 'poisson');
  let nowMs = 0;
  const rows = Array.from({ length: 40_000 }, () => {
    nowMs += (stream.nextExponential() * 1000) / 60;
    return at(nowMs, 4, 1);
  });
  const { requests } = fly(rows, { engine: { max_num_seqs: 1 } });
  const batches = 40;
  const means = Array.from({ length: batches }, (_, batch) => {
    let sum = 0;
    for (let row = batch * 1000; row < (batch + 1) * 1000; row++) {
      sum += (requests.firstTokenNs[row]! - requests.arrivalNs[row]!) / 1e6;
    }
    return sum / 1000;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / batches;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (batches - 1);
  // 10 ms of service and 7.5 ms of waiting, within three standard errors of the batch means.
  expect(Math.abs(mean - 17.5)).toBeLessThan(3 * Math.sqrt(variance / batches));
  expect(Math.sqrt(variance / batches)).toBeLessThan(0.5);
});

test('a repeated prompt reuses all whole blocks but the one with its last token', () => {
  const rows = [at(0, 16, 1, [1, 2, 3, 4]), at(50, 16, 1, [1, 2, 3, 4])];
  const { requests, committedPrefillTokens } = fly(rows);
  expect([...requests.reusedTokens.subarray(0, 2)]).toEqual([0, 12]);
  expect(committedPrefillTokens).toBe(20);
});

test('a request hits the blocks that another computes in the same pass', () => {
  const rows = [at(0, 16, 1, [1, 2, 3, 4]), at(0, 16, 1, [1, 2, 3, 5])];
  const { requests } = fly(rows);
  expect([...requests.firstReusedTokens.subarray(0, 2)]).toEqual([0, 12]);
  expect(tokensMs(fly(rows))[1]).toEqual([10, 10]);
});

test('without prefix caching nothing is reused', () => {
  const rows = [at(0, 16, 1, [1, 2, 3, 4]), at(50, 16, 1, [1, 2, 3, 4])];
  const { requests } = fly(rows, { engine: { enable_prefix_caching: false } });
  expect([...requests.reusedTokens.subarray(0, 2)]).toEqual([0, 0]);
});

test('too few blocks: the newest gives way, comes back to its cached blocks, computes the rest', () => {
  // Four blocks of 4 tokens. Both prompts take two; the fifth block is wanted when the first token
  // is computed, so the second request gives way and comes back when the first has ended.
  const rows = [at(0, 8, 3, [1, 2]), at(0, 8, 3, [7, 8])];
  const lifo = fly(rows, { engine: { num_gpu_blocks: 4 } });
  expect([lifo.preemptions, [...lifo.requests.admissions.subarray(0, 2)]]).toEqual([1, [1, 2]]);
  expect(tokensMs(lifo)).toEqual([
    [10, 14],
    [10, 26],
  ]);
  const fifo = fly(rows, { engine: { num_gpu_blocks: 4, preemption_mode: 'fifo' } });
  expect(tokensMs(fifo)).toEqual([
    [10, 26],
    [10, 14],
  ]);
});

test('what can never fit is rejected with the rest going on', () => {
  const rows = [at(0, 8, 30), at(0, 40, 1), at(0, 8, 2)];
  const { requests, simulatedNs } = fly(rows, { engine: { num_gpu_blocks: 4 } });
  const { completed, rejected } = RequestStatus;
  expect([...requests.status.subarray(0, 3)]).toEqual([rejected, rejected, completed]);
  expect(tokensMs(fly(rows, { engine: { num_gpu_blocks: 4 } }))[2]).toEqual([10, 12]);
  expect(simulatedNs).toBe(12e6);
});

test('max_model_len rejects prompts and cuts outputs off', () => {
  const rows = [at(0, 8, 9), at(0, 10, 1), at(0, 4, 2)];
  const { requests } = fly(rows, { engine: { max_model_len: 10 } });
  expect([...requests.outputTokens.subarray(0, 3)]).toEqual([2, 0, 2]);
  expect(requests.status[1]).toBe(RequestStatus.rejected);
});

test('a request for no output ends with its prefill, without a token', () => {
  const { requests } = fly([at(0, 4, 0)]);
  expect([requests.status[0], requests.terminalNs[0]]).toEqual([RequestStatus.completed, 10e6]);
  expect([requests.firstTokenNs[0], requests.lastTokenNs[0]]).toEqual([-1, -1]);
});

test('without chunks a prompt waits for a pass that has room for all of it', () => {
  const engine = { enable_chunked_prefill: false, max_num_batched_tokens: 12 };
  const rows = [at(0, 8, 2), at(0, 8, 1), at(0, 20, 1)];
  const result = fly(rows, { engine });
  expect(tokensMs(result).slice(0, 2)).toEqual([
    [10, 22],
    [22, 22],
  ]);
  expect(result.requests.status[2]).toBe(RequestStatus.rejected);
});

test('a session sends its next turn a think time after the end of the last one', () => {
  const rows = [
    { atMs: 0, input: 4, output: 2, session: 'a' },
    { input: 4, output: 1, session: 'a', delayMs: 5 },
    { atMs: 3, input: 4, output: 1 },
  ];
  const { requests } = fly(rows, { workers: 2 });
  expect([...requests.arrivalNs.subarray(0, 3)]).toEqual([0, 17e6, 3e6]);
});

test('a closed loop keeps its users busy', () => {
  const rows = Array.from({ length: 5 }, () => at(0, 4, 1));
  const { requests } = fly(rows, { workload: { concurrency: 2 } });
  expect([...requests.arrivalNs.subarray(0, 5)]).toEqual([0, 0, 10e6, 10e6, 20e6]);
});

test('a pass that takes no time leads to another round, which what began before has not seen', () => {
  // The request of 12 tokens never fits; its end at 22 ms sends the next one to a worker whose pass
  // has begun at 22 ms. Leaping and stepping must see that alike.
  const rows = [
    at(0, 6, 3, [0]),
    at(0, 6, 2, [0]),
    at(0, 12, 0, [0, 0]),
    at(0, 6, 4, [0]),
    at(0, 6, 4, [0]),
  ];
  const tight = { block_size: 2, num_gpu_blocks: 4, max_num_batched_tokens: 3 };
  const shape = { workers: 4, workload: { trace_block_size: 6, concurrency: 2 } };
  const [leap, exact] = ['leap', 'exact'].map((stepping) =>
    fly(rows, { ...shape, engine: { ...tight, stepping } }),
  );
  expect([...leap!.requests.terminalNs]).toEqual([...exact!.requests.terminalNs]);
  expect(leap!.passes).toBe(exact!.passes);
  expect(exact!.requests.terminalNs[4]).toBe(24e6);
});
