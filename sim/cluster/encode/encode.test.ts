import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../../run.ts';
import { NEVER, RequestStatus } from '../../workload/request-table.ts';
import { Encoding } from './encode-table.ts';

type Pools = NonNullable<NonNullable<ConfigInput['cluster']>['pools']>;
type Encode = NonNullable<Pools[number]['encode']>;

const WHOLE: Pools = [{ role: 'aggregated', workers: 1 }];
const APART: Pools = [
  { role: 'prefill', workers: 1 },
  { role: 'decode', workers: 1 },
];

/** Prompts of 10 ms and tokens of 2 ms, behind encoders. */
function fly(
  encode: Encode,
  rows: readonly HandRow[],
  { workers = 1, pools = WHOLE, more = {} as ConfigInput } = {},
) {
  const config = resolveConfig({
    ...more,
    cluster: { pools: [...pools, { role: 'encode', workers, encode }] },
    engine: { timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 } },
    router: { mode: 'round_robin' },
  });
  const result = run({ config, seed: 1, ...traceOf(rows) });
  const { table } = result.encode!;
  const moments = (column: Float64Array) =>
    Array.from({ length: result.requests.count }, (_, row) => {
      const ns = column[row] ?? NEVER;
      return ns === NEVER ? undefined : ns / 1e6;
    });
  const itemMoments = (column: Float64Array) =>
    moments(column).map((ms, row) => (table.has(row) ? ms : undefined));
  const { firstTokenNs, routedNs } = result.requests;
  return {
    result,
    table,
    startMs: itemMoments(table.startNs),
    encodedMs: itemMoments(table.encodedNs),
    enteredMs: itemMoments(table.enteredNs),
    routedMs: moments(routedNs),
    firstTokenMs: moments(firstTokenNs),
    cached: [...table.cached.subarray(0, result.requests.count)],
    encoder: [...table.encoder.subarray(0, result.requests.count)],
  };
}

function row(atMs: number, media?: readonly number[], more: Partial<HandRow> = {}): HandRow {
  return { atMs, input: 100, output: 1, ...(media && { media }), ...more };
}

test('TTFT has the wait for an encoder and its pass in it; who has no items passes by', () => {
  const flown = fly({ ms_per_item: 7 }, [row(0, [1]), row(0, [2]), row(1)]);
  expect(flown.startMs).toEqual([0, 7, undefined]);
  expect(flown.encodedMs).toEqual([7, 14, undefined]);
  expect(flown.enteredMs).toEqual([7, 14, undefined]);
  // The request without items is computed from 1 to 11, both others from then on, in one batch.
  expect(flown.routedMs).toEqual([7, 14, 1]);
  expect(flown.firstTokenMs).toEqual([21, 31, 11]);
});

test('a pass takes several items, and what was begun is not joined', () => {
  const encode = { base_ms: 3, ms_per_item: 2, batch_items: 3 };
  const flown = fly(encode, [row(0, [1]), row(0, [2, 3]), row(1, [4, 5]), row(2, [6, 7])]);
  // 3 + 3·2 ms, then items 4, 5, 6 in as long, then 7 alone.
  expect(flown.startMs).toEqual([0, 0, 9, 9]);
  expect(flown.encodedMs).toEqual([9, 9, 18, 23]);
  expect(flown.result.encode!.encoders).toEqual([{ busyNs: 23e6, passes: 3, encodedItems: 7 }]);
});

test('an item that is held costs nothing, and the one used longest ago is let go', () => {
  const encode = { ms_per_item: 5, cache_items: 2 };
  const rows = [[1, 2], [1], [3], [1], [2]].map((media, at) => row(at * 100, media));
  const flown = fly(encode, rows);
  expect(flown.encodedMs).toEqual([10, 100, 205, 300, 405]);
  expect(flown.cached).toEqual([0, 1, 0, 1, 0]);
  expect(flown.routedMs[1]).toBe(100);
});

test('without a cache each request has its items encoded, those of one pass once', () => {
  const encode = { ms_per_item: 5, cache_items: 0, batch_items: 2 };
  const flown = fly(encode, [row(0, [1]), row(0, [1]), row(50, [1])]);
  expect(flown.encodedMs).toEqual([5, 5, 55]);
  expect(flown.cached).toEqual([0, 1, 0]);
});

test('who waits in line finds what was encoded meanwhile, in that moment', () => {
  const flown = fly({ ms_per_item: 5 }, [row(0, [1]), row(1, [1]), row(1, [2]), row(1, [1])]);
  // The fourth stands behind one that is taken into the pass, and needs no pass itself.
  expect(flown.encodedMs).toEqual([5, 5, 10, 5]);
  expect(flown.cached).toEqual([0, 1, 0, 1]);
});

test('a request goes to who holds most of its items, else to who has least to do', () => {
  const rows = [
    row(0, [1, 2, 3]),
    row(0, [4]),
    row(0, [5]),
    row(100, [4, 6]),
    row(100, [1, 2, 4, 7]),
  ];
  const flown = fly({ ms_per_item: 4 }, rows, { workers: 2 });
  expect(flown.encoder).toEqual([0, 1, 1, 1, 0]);
  expect(flown.encodedMs).toEqual([12, 4, 8, 104, 108]);
});

test('embeddings are sent on before the router is asked, those that were held too', () => {
  // 50 MB an item at 10 GB/s are 5 ms.
  const encode = { ms_per_item: 4, bytes_per_item: 50e6 };
  const more = { kv_transfer: { bandwidth_gb_s: 10 } };
  const flown = fly(encode, [row(0, [1, 2]), row(100, [2])], { more });
  expect(flown.encodedMs).toEqual([8, 100]);
  expect(flown.enteredMs).toEqual([18, 105]);
  expect(flown.firstTokenMs).toEqual([28, 115]);
});

test('prompts that are computed apart from tokens are encoded before', () => {
  const flown = fly({ ms_per_item: 7 }, [row(0, [1], { output: 2 })], { pools: APART });
  const { handOffs, requests } = flown.result;
  expect(handOffs!.prefillRoutedNs[0]).toBe(7e6);
  expect(handOffs!.sourceHeldNs[0]).toBe(17e6);
  expect(requests.firstTokenNs[0]).toBe(19e6);
});

test('a client that leaves in the queue, in the pass or with embeddings on their way is gone', () => {
  const encode = { ms_per_item: 10, bytes_per_item: 100e6, batch_items: 2 };
  const leaving = (cancelAfterMs: number) => ({ client: { cancelAfterMs } });
  const rows = [
    row(0, [1], leaving(25)),
    row(0, [2], leaving(6)),
    row(1, [3, 4, 5], leaving(4)),
    row(1, [6, 2]),
  ];
  const more = { kv_transfer: { bandwidth_gb_s: 10 } };
  const { result, table, encodedMs, enteredMs } = fly(encode, rows, { more });
  const { cancelled, completed } = RequestStatus;
  expect([...result.requests.status.subarray(0, 4)]).toEqual([
    cancelled,
    cancelled,
    cancelled,
    completed,
  ]);
  const { left, entered } = Encoding;
  expect([...table.state.subarray(0, 4)]).toEqual([left, left, left, entered]);
  // Items 1 and 2 until 20, the second for nobody; then 6 alone, since 2 is held by then.
  expect(encodedMs).toEqual([20, undefined, undefined, 30]);
  expect(enteredMs).toEqual([undefined, undefined, undefined, 50]);
  expect(result.encode!.encoders).toEqual([{ busyNs: 30e6, passes: 2, encodedItems: 3 }]);
  expect(result.kvUsedAtEnd).toEqual([0]);
});

test('an attempt again brings its items again, and the next turn of a session waits for the answer', () => {
  const more = {
    workload: { client: { ttft_timeout_ms: 15, max_attempts: 2, retry_base_ms: 1 } },
  };
  const tried = fly({ ms_per_item: 6 }, [row(0, [1])], { more });
  const { status, arrivalNs } = tried.result.requests;
  expect([...status.subarray(0, 2)]).toEqual([RequestStatus.timedOut, RequestStatus.completed]);
  expect(tried.encodedMs).toEqual([6, arrivalNs[1]! / 1e6]);
  const turns = [row(0, [1], { session: 'a' }), row(0, [1, 2], { session: 'a', delayMs: 5 })].map(
    ({ atMs, ...turn }, at) => (at === 0 ? { ...turn, atMs: atMs! } : turn),
  );
  const talked = fly({ ms_per_item: 6 }, turns);
  // Encoded by 6, answered by 16, asked again at 21.
  expect(talked.startMs).toEqual([0, 21]);
  expect(talked.encodedMs).toEqual([6, 27]);
  expect(talked.cached).toEqual([0, 1]);
});

test('items without anybody to encode them change nothing', () => {
  const config = resolveConfig({
    cluster: { workers: 1 },
    engine: { timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 } },
    router: { mode: 'round_robin' },
  });
  const result = run({ config, seed: 1, ...traceOf([row(0, [1])]) });
  expect(result.encode).toBeUndefined();
  expect(result.requests.firstTokenNs[0]).toBe(10e6);
});
