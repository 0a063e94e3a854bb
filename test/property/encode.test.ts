import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { Encoding } from '#sim/cluster/encode/encode-table.ts';
import { run } from '#sim/run.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { naiveEncode } from '../reference/naive-encode.ts';
import { check } from './check.ts';

const row = fc.record({
  gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
  media: fc.uniqueArray(fc.nat({ max: 9 }), { maxLength: 4 }),
  leavesMs: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 2 }),
  output: fc.nat({ max: 6 }),
});

const flight = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  encode: fc.record({
    ms_per_item: fc.integer({ min: 1, max: 9 }),
    base_ms: fc.nat({ max: 5 }),
    batch_items: fc.integer({ min: 1, max: 4 }),
    cache_items: fc.nat({ max: 6 }),
  }),
  sends: fc.boolean(),
  apart: fc.boolean(),
  concurrency: fc.option(fc.integer({ min: 1, max: 4 })),
  rows: fc.array(row, { minLength: 1, maxLength: 25 }),
});

type Flight = typeof flight extends fc.Arbitrary<infer T> ? T : never;

function fly(drawn: Flight, stepping: 'exact' | 'leap') {
  const { workers, apart, sends, concurrency } = drawn;
  const others = apart
    ? ([
        { role: 'prefill', workers: 2 },
        { role: 'decode', workers: 1 },
      ] as const)
    : ([{ role: 'aggregated', workers: 2 }] as const);
  const encode = { ...drawn.encode, ...(sends && { bytes_per_item: 3e6 }) };
  const config = resolveConfig({
    cluster: { pools: [...others, { role: 'encode', workers, encode }] },
    engine: {
      block_size: 16,
      num_gpu_blocks: 64,
      max_num_seqs: 4,
      stepping,
      timing: { type: 'fixed', prefill_ms: 5, decode_ms: 2 },
    },
    router: { mode: 'kv_router' },
    workload: { trace_block_size: 16, ...(concurrency !== null && { concurrency }) },
    ...(sends && { kv_transfer: { bandwidth_gb_s: 1 } }),
  });
  let atMs = 0;
  const rows = drawn.rows.map(({ gapMs, media, leavesMs, output }) => {
    atMs += gapMs;
    return {
      atMs,
      input: 32,
      output,
      ids: [1, 2],
      ...(media.length > 0 && { media }),
      ...(leavesMs !== null && { client: { cancelAfterMs: leavesMs } }),
    };
  });
  return { rows, result: run({ config, seed: 5, ...traceOf(rows) }) };
}

/** The columns of what was encoded, of the rows that there are. */
function columns({ encode, requests }: ReturnType<typeof fly>['result']) {
  const { state, encoder, items, cached, startNs, encodedNs, enteredNs, count } = encode!.table;
  const all = [state, encoder, items, cached, startNs, encodedNs, enteredNs];
  return {
    encode: all.map((column) => [...column.subarray(0, count)]),
    encoders: encode!.encoders,
    firstTokenNs: [...requests.firstTokenNs.subarray(0, requests.count)],
    terminalNs: [...requests.terminalNs.subarray(0, requests.count)],
  };
}

test('no item is lost or made up, and nobody is prefilled before the embeddings are there', () => {
  let found = 0;
  let left = 0;
  check(flight, 150, (drawn) => {
    const { rows, result } = fly(drawn, 'leap');
    const { requests, encode } = result;
    const { table, encoders } = encode!;
    let missed = 0;
    for (const [at, { media = [] }] of rows.entries()) {
      expect(table.has(at)).toBe(media.length > 0);
      if (media.length === 0) continue;
      expect(table.items[at]).toBe(media.length);
      expect(table.looked[at]).toBeLessThanOrEqual(media.length);
      missed += table.looked[at]! - table.cached[at]!;
      found += table.cached[at]!;
      const isIn = table.state[at] === Encoding.entered;
      expect(isIn || table.state[at] === Encoding.left).toBe(true);
      if (!isIn) {
        left++;
        expect(requests.status[at]).toBe(RequestStatus.cancelled);
        expect(requests.routedNs[at]).toBe(NEVER);
        continue;
      }
      const { startNs, encodedNs, enteredNs } = table;
      expect(startNs[at]).toBeGreaterThanOrEqual(requests.arrivalNs[at]!);
      expect(encodedNs[at]).toBeGreaterThanOrEqual(startNs[at]!);
      expect(enteredNs[at]! - encodedNs[at]!).toBe(drawn.sends ? media.length * 3e6 : 0);
      if (requests.routedNs[at] === NEVER) continue;
      expect(requests.routedNs[at]).toBeGreaterThanOrEqual(enteredNs[at]!);
    }
    expect(encoders.reduce((sum, { encodedItems }) => sum + encodedItems, 0)).toBe(missed);
    expect(result.kvUsedAtEnd.every((share) => share === 0)).toBe(true);
  });
  if (process.env.WINDTUNNEL_PATH === undefined) {
    expect(found).toBeGreaterThan(100);
    expect(left).toBeGreaterThan(50);
  }
});

test('encoders do what lists and a look at every millisecond say', () => {
  check(flight, 150, (drawn) => {
    const patient = drawn.rows.map((one) => ({ ...one, leavesMs: null }));
    const { rows, result } = fly({ ...drawn, concurrency: null, rows: patient }, 'leap');
    const { table, encoders } = result.encode!;
    const arrivals = rows.flatMap(({ atMs, media }, at) =>
      media ? [{ atMs: atMs - rows[0]!.atMs, items: media, at }] : [],
    );
    const naive = naiveEncode(arrivals, { workers: drawn.workers, ...drawn.encode });
    expect(arrivals.map(({ at }) => table.encodedNs[at]! / 1e6)).toEqual(naive.encodedMs);
    expect(arrivals.map(({ at }) => table.encoder[at]!)).toEqual(naive.encoder);
    expect(encoders.reduce((sum, { passes }) => sum + passes, 0)).toBe(naive.passes);
  });
});

test('behind encoders a leap is what stepping is, and the same again', () => {
  check(flight, 100, (drawn) => {
    const leap = columns(fly(drawn, 'leap').result);
    expect(columns(fly(drawn, 'leap').result)).toEqual(leap);
    expect(columns(fly(drawn, 'exact').result)).toEqual(leap);
  });
});
