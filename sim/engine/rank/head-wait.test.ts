import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { run } from '#sim/run.ts';
import { traceOf } from '#test/reference/hand-trace.ts';

const TIMING = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };

/** A long answer fills the pool block by block while a prompt of nine waits behind it. */
function waitsOf(backend: string, stepping: 'exact' | 'leap') {
  const engine = { backend, block_size: 4, num_gpu_blocks: 10, timing: TIMING, stepping };
  const config = resolveConfig({
    cluster: { workers: 1 },
    router: { mode: 'round_robin' },
    engine,
  });
  const trace = traceOf([
    { atMs: 0, input: 4, output: 24 },
    { atMs: 11, input: 36, output: 2 },
  ]);
  const { headWaits } = run({ config, seed: 1, ...trace });
  const { count, fromNs, toNs, freeBlocks } = headWaits;
  return [fromNs, toNs, freeBlocks].map((column) => [...column.subarray(0, count)]);
}

// The pass that begins at 56 ms computes the 24th token and takes no block any more.
test.each([
  ['vllm', [[12e6], [56e6], [3]]],
  ['trtllm', [[12e6], [56e6], [3]]],
  ['sglang', [[12e6], [56e6], [3]]],
])('%s: the fewest blocks that a waiting head found, leaping or not', (backend, waits) => {
  expect(waitsOf(backend, 'exact')).toEqual(waits);
  expect(waitsOf(backend, 'leap')).toEqual(waits);
});
