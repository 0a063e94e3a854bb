import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { traceOf } from '#test/reference/hand-trace.ts';

/** One request of ten tokens, a prefill pass of 10 ms and decode passes of 2 ms. */
function flown(engine: object): RunResult {
  const { batches } = traceOf([{ atMs: 0, input: 4, output: 10, ids: [1] }]);
  const config = resolveConfig({
    cluster: { workers: 1 },
    router: { mode: 'round_robin' },
    engine: { timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 }, block_size: 4, ...engine },
    workload: { trace_block_size: 4 },
  });
  return run({ config, seed: 1, batches, hasContent: true, sessions: 0 });
}

test.each(['leap', 'exact'])(
  'the first token is sent at once, then groups of four, and one token that is left: %s',
  (stepping) => {
    const { itlNs, requests } = flown({ stream_interval: 4, stepping });
    // Nine tokens after the first: groups at 18, 26 and 28 ms, each but its first token beside it.
    expect([itlNs.count, itlNs.sum]).toEqual([9, 18e6]);
    expect([itlNs.countUpTo(0), itlNs.countUpTo(2.1e6), itlNs.countUpTo(8.1e6)]).toEqual([6, 7, 9]);
    const { firstTokenNs, secondTokenNs, lastTokenNs } = requests;
    expect([firstTokenNs[0], secondTokenNs[0], lastTokenNs[0]]).toEqual([10e6, 18e6, 28e6]);
  },
);

test('where each token is sent by itself, each comes a pass after the one before', () => {
  const { itlNs } = flown({});
  expect([itlNs.count, itlNs.countUpTo(1.9e6), itlNs.countUpTo(2.1e6)]).toEqual([9, 0, 9]);
});
