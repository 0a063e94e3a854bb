import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { traceOf } from '#test/reference/hand-trace.ts';
import type { RunResult } from '../report/run-result.ts';
import { run } from '../run.ts';
import { RequestStatus } from '../workload/request-table.ts';

const FIXED = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };

interface Hand {
  readonly prefill?: Readonly<Record<string, unknown>>;
  readonly decode?: Readonly<Record<string, unknown>>;
  readonly engine?: Readonly<Record<string, unknown>>;
  readonly router?: Readonly<Record<string, unknown>>;
  readonly order?: string;
}

/** 1 MB a token at 100 GB/s: 10 µs a token. */
function configOf(hand: Hand) {
  return resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 1, ...hand.prefill },
        { role: 'decode', workers: 1, ...hand.decode },
      ],
    },
    engine: { block_size: 4, num_gpu_blocks: 64, timing: FIXED, ...hand.engine },
    router: hand.router ?? { mode: 'round_robin' },
    workload: { trace_block_size: 4 },
    kv_transfer: {
      bytes_per_token: 1_000_000,
      bandwidth_gb_s: 100,
      ...(hand.order !== undefined && { order: hand.order }),
    },
  } as Parameters<typeof resolveConfig>[0]);
}

interface Row {
  readonly priority?: number;
  readonly atMs: number;
  readonly input: number;
  readonly output: number;
}

function fly(rows: readonly Row[], hand: Hand = {}): RunResult {
  return run({ config: configOf(hand), seed: 1, ...traceOf(rows) });
}

const ms = (ns: number | undefined): number => ns! / 1e6;

/** Held, reserved, activated, released, first and last token of a request. */
function wayMs({ handOffs, requests }: RunResult, row = 0): number[] {
  const { sourceHeldNs, reservedNs, activatedNs, releasedNs } = handOffs!;
  const moments = [sourceHeldNs, reservedNs, activatedNs, releasedNs];
  return [...moments, requests.firstTokenNs, requests.lastTokenNs].map((ns) => ms(ns[row]));
}

test('prefill, transfer and a decode step make up the first token', () => {
  const result = fly([{ atMs: 0, input: 100, output: 3 }]);
  expect(wayMs(result)).toEqual([10, 10, 11, 11, 13, 17]);
  expect(result.handOffs!.transferBytes[0]).toBe(100e6);
  expect(result.requests.admissions[0]).toBe(1);
});

test('a release waits for the pass that the prefill worker is in, an activation for that of the decode worker', () => {
  const rows = [
    { atMs: 0, input: 100, output: 4 },
    { atMs: 1, input: 104, output: 2 },
  ];
  const result = fly(rows);
  // The second prefill begins at 10 and ends at 20; the first source is released with it.
  expect(wayMs(result, 0)).toEqual([10, 10, 11, 20, 13, 19]);
  expect(wayMs(result, 1)).toEqual([20, 20, 21.04, 21.04, 23.04, 25.04]);
});

test('destination first: a full decode worker holds the prompt back', () => {
  const rows = [
    { atMs: 0, input: 16, output: 4 },
    { atMs: 0, input: 16, output: 4 },
  ];
  const hand = { decode: { engine: { num_gpu_blocks: 6 } }, order: 'destination_first' };
  const result = fly(rows, hand);
  const [first, second] = [wayMs(result, 0), wayMs(result, 1)];
  expect(first[1]).toBe(0);
  // Room comes with the end of the first, and only then the second prompt is computed.
  expect(second[1]).toBe(first[5]);
  expect(second[0]).toBe(second[1]! + 10);
});

test.each(['source_first', 'destination_first'])(
  '%s: a request that a pool can never serve ends as rejected, and leaves nothing behind',
  (order) => {
    const rows = [
      { atMs: 0, input: 100, output: 2 },
      { atMs: 0, input: 12, output: 2 },
    ];
    for (const small of ['prefill', 'decode'] as const) {
      const result = fly(rows, { [small]: { engine: { num_gpu_blocks: 8 } }, order });
      const { status } = result.requests;
      expect([status[0], status[1]], small).toEqual([
        RequestStatus.rejected,
        RequestStatus.completed,
      ]);
      expect(result.kvUsedAtEnd, small).toEqual([0, 0]);
    }
  },
);

test('a queue of the prefill router holds requests back, and lets them go as prompts are done', () => {
  const rows = Array.from({ length: 4 }, () => ({ atMs: 0, input: 60, output: 2 }));
  const engine = { max_num_batched_tokens: 64 };
  const free = fly(rows, { engine, router: { mode: 'kv_router' } });
  const queued = fly(rows, {
    engine,
    router: { mode: 'kv_router', router_queue_threshold: 0.5 },
  });
  expect(free.requests.routedNs.subarray(0, 4)).toEqual(new Float64Array(4));
  expect([...queued.requests.routedNs.subarray(0, 4)].map(ms)).toEqual([0, 10, 20, 30]);
  expect(ms(queued.requests.lastTokenNs[3])).toBe(ms(free.requests.lastTokenNs[3]));
});

test('leaping and stepping give the same hand-offs', () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({
    atMs: index * 3,
    input: 20 + ((index * 37) % 90),
    output: 1 + ((index * 13) % 30),
  }));
  const pools = { prefill: { workers: 2 }, decode: { workers: 2 } };
  const leap = fly(rows, pools);
  const exact = fly(rows, { ...pools, engine: { stepping: 'exact' } });
  for (let row = 0; row < rows.length; row++) expect(wayMs(leap, row)).toEqual(wayMs(exact, row));
  expect(leap.events).toBeLessThan(exact.events);
});

test('a prefill worker that schedules by priority takes the more important prompt first', () => {
  const rows = [
    { atMs: 0, input: 60, output: 2 },
    { atMs: 1, input: 60, output: 2 },
    { atMs: 1, input: 60, output: 2, priority: 5 },
  ];
  const engine = { max_num_batched_tokens: 60, scheduling_policy: 'priority' };
  const { sourceHeldNs } = fly(rows, { engine }).handOffs!;
  expect([...sourceHeldNs.subarray(0, 3)].map(ms)).toEqual([10, 30, 20]);
});

test('copied prompts that leave no block for drafts do not wait for each other for ever', () => {
  // Four blocks for two prompts of two: at 10.08 ms the first wants a third for its drafts, and the
  // second gives way. Four tokens come at once; the second is computed anew, a token and a burst.
  const rows = [0, 1].map(() => ({ atMs: 0, input: 8, output: 4 }));
  const result = fly(rows, {
    engine: { num_speculative_tokens: 3, speculative_acceptance_rates: [1, 1, 1] },
    decode: { engine: { num_gpu_blocks: 4 } },
  });
  expect(result.preemptions).toBe(1);
  expect([0, 1].map((row) => wayMs(result, row).slice(-2))).toEqual([
    [12.08, 12.08],
    [22.08, 24.08],
  ]);
});

test('SGLang: who has lost its blocks to a reservation comes back when there is one more, even at no cost', () => {
  // At no cost (Dynamo 1.6) the third would lose its 36 blocks to the 62 of the fourth again and
  // again, and time would stand still before those are filled.
  const prefill: [number, number][] = [
    [4, 3],
    [20, 6.2],
    [60, 17],
  ];
  const decode: [number, number][] = [
    [6, 1.5],
    [30, 2.7],
    [90, 8.7],
  ];
  const config = resolveConfig({
    engine: {
      backend: 'sglang',
      block_size: 1,
      num_gpu_blocks: 98,
      timing: { type: 'table', prefill, decode },
    },
    cluster: {
      pools: [
        { role: 'prefill', workers: 3, engine: { num_gpu_blocks: 147, max_num_seqs: 1 } },
        { role: 'decode', workers: 1 },
      ],
    },
    workload: { trace_block_size: 16 },
    compat: 'dynamo-1.6',
  });
  const rows = [
    { atMs: 25, input: 80, output: 15, ids: [1, 0, 0, 1, 2] },
    { atMs: 35, input: 40, output: 2, ids: [2, 1, 0] },
    { atMs: 35, input: 32, output: 24, ids: [2, 0] },
    { atMs: 95, input: 62, output: 1, ids: [0, 1, 0, 2] },
  ];
  const { preemptions, requests } = run({ config, seed: 1, ...traceOf(rows) });
  expect(preemptions).toBe(2);
  expect([...requests.outputTokens.subarray(0, 4)]).toEqual([15, 2, 24, 1]);
});
