import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import type { RunResult } from '../../report/run-result.ts';
import { run } from '../../run.ts';

/** One worker whose passes take 10 ms with a prompt and 2 ms with decoding requests, or both. */
function fly(rows: readonly HandRow[], engine: Readonly<Record<string, unknown>>): RunResult {
  const timing = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };
  const config = resolveConfig({
    cluster: { workers: 1 },
    engine: { block_size: 4, num_gpu_blocks: 64, timing, ...engine },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 4 },
  });
  return run({ config, seed: 1, ...traceOf(rows) });
}

/** First and last token of each request, milliseconds since the run began. */
function tokensMs({ requests }: RunResult): number[][] {
  return Array.from({ length: requests.count }, (_, row) => [
    requests.firstTokenNs[row]! / 1e6,
    requests.lastTokenNs[row]! / 1e6,
  ]);
}

const at = (atMs: number, input: number, output: number, priority = 0): HandRow => ({
  atMs,
  input,
  output,
  priority,
});

test.each(['vllm', 'trtllm'])('%s: of those that wait the highest priority comes in', (backend) => {
  const rows = [at(0, 4, 2), at(1, 4, 2), at(2, 4, 2, 5)];
  const engine = { backend, max_num_seqs: 1 };
  expect(tokensMs(fly(rows, engine))).toEqual([
    [10, 12],
    [22, 24],
    [34, 36],
  ]);
  expect(tokensMs(fly(rows, { ...engine, scheduling_policy: 'priority' }))).toEqual([
    [10, 12],
    [34, 36],
    [22, 24],
  ]);
});

test('a request of higher priority that comes in a leap cuts it, and passes one without room', () => {
  // Of 8 blocks the first takes 1, then 2 from 12 ms on; the second would need 7.
  const rows = [at(0, 4, 20), at(11, 28, 1), at(13, 4, 1, 1)];
  const engine = { num_gpu_blocks: 8, scheduling_policy: 'priority' };
  const [first, second, third] = tokensMs(fly(rows, engine));
  expect(third).toEqual([26, 26]);
  expect(first).toEqual([10, 58]);
  expect(second).toEqual([68, 68]);
});

test('without a block the lowest priority gives way, even for itself', () => {
  // Two blocks each for tokens 5 to 8; at 18 ms each wants a third, of four in all.
  const rows = [at(0, 4, 8), at(0, 4, 8, 5)];
  const engine = { num_gpu_blocks: 4 };
  expect(tokensMs(fly(rows, engine))).toEqual([
    [10, 24],
    [10, 38],
  ]);
  const result = fly(rows, { ...engine, scheduling_policy: 'priority' });
  expect(tokensMs(result)).toEqual([
    [10, 38],
    [10, 24],
  ]);
  expect(result.preemptions).toBe(1);
});

test('who stands behind one that gave way for itself gets no token in that pass', () => {
  // At 28 ms all three want a third block of seven. The first has the one that is left, the second
  // gives way, the third is not looked at. At 34 ms the second comes in again beside it.
  const rows = [at(0, 4, 8, 5), at(0, 4, 8), at(11, 6, 8, 5)];
  const result = fly(rows, { num_gpu_blocks: 7, scheduling_policy: 'priority' });
  expect(tokensMs(result)).toEqual([
    [10, 34],
    [10, 50],
    [24, 50],
  ]);
  expect(result.itlNs.quantile(1)).toBeCloseTo(18e6, -5);
});

test('with an interval of 4 prompts come in with the passes 0, 4, 8', () => {
  // Passes end at 10, 12, 14, 16, 28, 30, 32, 34, 46 ms.
  const rows = [at(0, 4, 20), at(11, 4, 2), at(17, 4, 2)];
  const firsts = (engine: Readonly<Record<string, unknown>>) =>
    tokensMs(fly(rows, engine)).map(([first]) => first);
  expect(firsts({ prefill_schedule_interval: 4 })).toEqual([10, 28, 46]);
  expect(firsts({})).toEqual([10, 24, 36]);
});

test('a chunked prompt waits for its next chunk, too', () => {
  // Of 8 tokens the pass at 16 ms has 4 for the second prompt and 3 for the third.
  const rows = [at(0, 4, 20), at(11, 4, 2), at(11, 8, 1)];
  const engine = { prefill_schedule_interval: 4, max_num_batched_tokens: 8 };
  expect(tokensMs(fly(rows, engine)).map(([first]) => first)).toEqual([10, 28, 46]);
});

test('once a pass could not take all that waited, prompts are held back no more', () => {
  const rows = [at(0, 4, 20), at(11, 4, 2), at(11, 4, 2)];
  const engine = { prefill_schedule_interval: 4, max_num_seqs: 2 };
  expect(tokensMs(fly(rows, engine)).slice(1)).toEqual([
    [28, 30],
    [42, 44],
  ]);
});

test('a leap of full passes notes that somebody waits, as its passes would', () => {
  // Both places are taken from 10 ms on. The pass at 16 ms, the fourth, leaves the third in line.
  const rows = [at(0, 4, 20), at(0, 4, 9), at(11, 4, 2)];
  const engine = { prefill_schedule_interval: 4, max_num_seqs: 2 };
  const [leap, exact] = ['leap', 'exact'].map((stepping) =>
    tokensMs(fly(rows, { ...engine, stepping })),
  );
  expect(exact).toEqual(leap);
});

test('a request with one token to compute need not wait, nor one where nobody decodes', () => {
  const engine = { prefill_schedule_interval: 4 };
  expect(tokensMs(fly([at(0, 4, 20), at(11, 1, 1)], engine))[1]).toEqual([24, 24]);
  const ranks = { ...engine, data_parallel_size: 2 };
  expect(tokensMs(fly([at(0, 4, 20), at(11, 4, 1)], ranks))[1]).toEqual([22, 22]);
});

test('an interval of 4 cuts the time per output token', () => {
  const rows = Array.from({ length: 60 }, (_, index) => at(index * 13, 4, 30));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [every, fourth] = [1, 4].map((prefill_schedule_interval) => {
    const result = fly(rows, { prefill_schedule_interval });
    const tokens = tokensMs(result);
    return mean(tokens.map(([first, last]) => (last! - first!) / 29));
  });
  expect(fourth).toBeLessThan(every! * 0.8);
});

test.each(['vllm', 'sglang', 'trtllm'])(
  '%s: the host adds to a pass, or hides in it',
  (backend) => {
    const engine = { backend, host_overhead_ms: 4.5, host_overhead_per_request_us: 500 };
    // 10 + 5 with the prompt, 2 + 5 with each token.
    expect(tokensMs(fly([at(0, 4, 3)], { ...engine, async_scheduling: false }))).toEqual([
      [15, 29],
    ]);
    expect(tokensMs(fly([at(0, 4, 3)], engine))).toEqual([[10, 20]]);
  },
);
