import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { check } from './check.ts';
import { columnsOf } from './columns.ts';
import { impatient } from './impatient-flight.ts';
import { expectInOrder } from './moments.ts';
import { flightArbitrary, flyRandom } from './random-flight.ts';

const WHOLE = ['fixed', 'linear', 'table'];
const flights = impatient(flightArbitrary(WHOLE));
const sglang = impatient(flightArbitrary(WHOLE, ['sglang']));

/** Every column of the requests, and what the engines did. */
function outcomeOf({ requests, itlNs, ...result }: RunResult) {
  // What was cached for a moment when it queued is not the same within a leap.
  const { lostTokens: _, ...columns } = columnsOf(requests, requests.count);
  const { passes, preemptions, committedPrefillTokens, peakKvBlocks, simulatedNs } = result;
  const counters = { passes, preemptions, committedPrefillTokens, peakKvBlocks, simulatedNs };
  return { ...columns, ...counters, gaps: itlNs.count };
}

function rowsOf({ requests }: RunResult): number[] {
  return Array.from({ length: requests.count }, (_, row) => row);
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

test.for<[string, typeof flights]>([
  ['any engine', flights],
  ['SGLang alone', sglang],
])('a leap equals stepping to the last bit, whoever leaves when: %s', ([, drawn]) => {
  let left = 0;
  let retries = 0;
  check(drawn, 160, (flight) => {
    const leap = flyRandom(flight, 'leap');
    expect(outcomeOf(leap)).toEqual(outcomeOf(flyRandom(flight, 'exact')));
    left += leap.requests.status.filter((status) => status >= RequestStatus.cancelled).length;
    retries += leap.requests.count - flight.rows.length;
  });
  if (process.env.WINDTUNNEL_PATH !== undefined) return;
  expect(left).toBeGreaterThan(200);
  expect(retries).toBeGreaterThan(40);
});

test('requests, tokens and blocks are conserved, and nobody tries for ever', () => {
  check(flights, 120, (flight) => {
    const result = flyRandom(flight, 'leap');
    const { requests: table, itlNs, tallies, kvUsedAtEnd } = result;
    const rows = rowsOf(result).filter((row) => table.arrivalNs[row] !== NEVER);
    for (const row of rows) {
      expect(table.status[row]).toBeGreaterThanOrEqual(RequestStatus.completed);
      expect(table.terminalNs[row]).toBeGreaterThanOrEqual(table.arrivalNs[row]!);
      expect(table.attempt[row] ?? 0).toBeLessThan(5);
    }
    const generated = rows.map((row) => table.outputTokens[row]! + (table.unreadTokens[row] ?? 0));
    expect(sum(generated)).toBe(sum(tallies.map(({ outputTokens }) => outputTokens)));
    expect(itlNs.count).toBe(sum(generated.map((tokens) => Math.max(0, tokens - 1))));
    const prefilled = rows.map((row) => table.prefilledTokens[row]!);
    expect(sum(prefilled)).toBe(result.committedPrefillTokens);
    expect(kvUsedAtEnd.every((used) => used === 0)).toBe(true);
  });
});

test('the same flight twice gives the same outcome', () => {
  check(fc.tuple(flights, fc.nat(99)), 40, ([flight, seed]) => {
    expect(flyRandom(flight, 'leap', seed)).toEqual(flyRandom(flight, 'leap', seed));
  });
});

test('time never goes back in the life of an attempt', () => {
  check(flights, 80, (flight) => {
    const { requests: table, simulatedNs } = flyRandom(flight, 'leap');
    for (let row = 0; row < table.count; row++) {
      expectInOrder([
        table.arrivalNs[row]!,
        table.firstTokenNs[row]!,
        table.secondTokenNs[row]!,
        table.lastTokenNs[row]!,
        table.terminalNs[row]!,
        simulatedNs,
      ]);
    }
  });
});
