import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HandOffTable } from '#sim/cluster/hand-off.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { check } from './check.ts';
import { columnsOf } from './columns.ts';
import { impatient } from './impatient-flight.ts';
import { engineArbitrary, flyRandom, type RandomFlight, rowsArbitrary } from './random-flight.ts';

const routers = fc.constantFrom(
  { mode: 'round_robin' },
  { mode: 'least_loaded' },
  { mode: 'kv_router' },
  { mode: 'kv_router', router_queue_threshold: 0.5 },
);

/** A megabyte takes a millisecond or two, over links that are shared. */
const slow = { nvlink_gb_s: 1, nvlink_latency_us: 0 };
const shared = { mode: 'shared', ...slow };

/** Transfers that take no time, a pass, and as long as a request; whole, in chunks and by layers. */
const transfers: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.constantFrom(
  {},
  { bytes_per_token: 1e6, network: shared },
  { bytes_per_token: 1e6, network: shared, streaming: 'chunks', order: 'destination_first' },
  {
    bytes_per_token: 1e6,
    bandwidth_gb_s: 0.5,
    streaming: 'layers',
    num_layers: 4,
    order: 'destination_first',
  },
  { bytes_per_token: 1e6, bandwidth_gb_s: 4 },
  { bytes_per_token: 1e6, bandwidth_gb_s: 0.5 },
  { bytes_per_token: 1e6, bandwidth_gb_s: 0.5, timing_mode: 'destination_missing' },
);

const flights: fc.Arbitrary<RandomFlight> = fc
  .record({
    traceBlockSize: fc.constantFrom(2, 4, 8),
    prefill: fc.integer({ min: 1, max: 3 }),
    decode: fc.integer({ min: 1, max: 3 }),
    order: fc.constantFrom('source_first', 'destination_first'),
    withSessions: fc.boolean(),
  })
  .chain(({ traceBlockSize, prefill, decode, order, withSessions }) =>
    fc
      .record({
        engine: engineArbitrary(['fixed', 'linear', 'table']),
        router: routers,
        transfer: transfers,
        rows: rowsArbitrary(traceBlockSize, 25, withSessions),
      })
      .map(({ engine, router, transfer, rows }): RandomFlight => {
        const pools = [
          { role: 'prefill', workers: prefill },
          { role: 'decode', workers: decode },
        ];
        const { network, ...moved } = transfer;
        const kv_transfer = { order, ...moved };
        const workload = { trace_block_size: traceBlockSize };
        const config = { cluster: { pools }, engine, router, workload, kv_transfer };
        return { config: network === undefined ? config : { ...config, network }, rows };
      }),
  );

const impatientFlights = impatient(flights);

/** Every column of requests and hand-offs, and what the engines did. */
function outcomeOf({ requests, handOffs, itlNs, ...result }: RunResult) {
  const { lostTokens: _, ...requestColumns } = columnsOf(requests, requests.count);
  const { passes, preemptions, committedPrefillTokens, simulatedNs, kvUsedAtEnd } = result;
  return {
    ...requestColumns,
    handOffs: columnsOf(handOffs!, requests.count),
    counters: { passes, preemptions, committedPrefillTokens, simulatedNs, kvUsedAtEnd },
    gaps: itlNs.count,
  };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** The last step that a hand-off had taken by the time at which the client left. */
function lastStep(handOffs: HandOffTable, row: number, leftNs: number): string {
  const { sourceHeldNs, reservedNs, transferNs, transferredNs, activatedNs, releasedNs } = handOffs;
  const steps = { sourceHeldNs, reservedNs, transferNs, transferredNs, activatedNs, releasedNs };
  const taken = Object.entries(steps).filter(
    ([, column]) => column[row] !== NEVER && column[row]! <= leftNs,
  );
  return taken.at(-1)?.[0] ?? 'none';
}

test('a leap equals stepping, whoever leaves in whatever state of a hand-off', () => {
  check(impatientFlights, 120, (flight) => {
    expect(outcomeOf(flyRandom(flight, 'leap'))).toEqual(outcomeOf(flyRandom(flight, 'exact')));
  });
});

test('requests, tokens and blocks are conserved on both sides, and nothing begins for nobody', () => {
  const left = new Map<string, number>();
  check(impatientFlights, 120, (flight) => {
    const result = flyRandom(flight, 'leap');
    const { requests: table, tallies, kvUsedAtEnd } = result;
    const handOffs = result.handOffs!;
    const rows = Array.from({ length: table.count }, (_, row) => row).filter(
      (row) => table.arrivalNs[row] !== NEVER,
    );
    for (const row of rows) {
      expect(table.status[row]).toBeGreaterThanOrEqual(RequestStatus.completed);
      if (table.status[row]! < RequestStatus.cancelled) continue;
      const leftNs = table.terminalNs[row]!;
      const step = lastStep(handOffs, row, leftNs);
      left.set(step, (left.get(step) ?? 0) + 1);
      const { prefillRoutedNs, decodeRoutedNs, sourceHeldNs, reservedNs } = handOffs;
      const { transferNs, transferredNs, activatedNs } = handOffs;
      const begins = [prefillRoutedNs, decodeRoutedNs, sourceHeldNs, reservedNs];
      for (const moments of [...begins, transferNs, transferredNs, activatedNs]) {
        expect(moments[row]).toBeLessThanOrEqual(leftNs);
      }
    }
    const generated = rows.map((row) => table.outputTokens[row]! + (table.unreadTokens[row] ?? 0));
    expect(sum(generated)).toBe(sum(tallies.map(({ outputTokens }) => outputTokens)));
    const prefilled = rows.map((row) => table.prefilledTokens[row]!);
    expect(sum(prefilled)).toBe(result.committedPrefillTokens);
    expect(kvUsedAtEnd.every((used) => used === 0)).toBe(true);
  });
  if (process.env.WINDTUNNEL_PATH !== undefined) return;
  for (const step of ['none', 'sourceHeldNs', 'reservedNs', 'transferNs', 'transferredNs']) {
    expect(left.get(step), step).toBeGreaterThan(0);
  }
  expect(left.get('releasedNs')).toBeGreaterThan(20);
});
