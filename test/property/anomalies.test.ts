import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockedTimes } from '#sim/report/anomalies/head-of-line.ts';
import { findPriorityInversion } from '#sim/report/anomalies/priority-inversion.ts';
import { robustTrend } from '#sim/report/anomalies/robust-slope.ts';
import { handRun } from '#sim/report/run-result.fixture.ts';
import { naiveBlockedTimes, naivePriorityInversion } from '../reference/naive-anomalies.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom } from './random-flight.ts';

test('the time behind a head is what a walk over every wait and request finds', () => {
  let blocked = 0;
  check(flightArbitrary(['fixed', 'linear', 'table']), 500, (drawn) => {
    const result = flyRandom(drawn, 'leap');
    const expected = naiveBlockedTimes(result);
    expect([...blockedTimes(result)]).toEqual(expected);
    blocked += expected.filter((ns) => ns > 0).length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(blocked).toBeGreaterThan(100);
});

test('the overtaken are those that a look at every pair finds', () => {
  const moment = fc.nat({ max: 12 });
  const drawn = fc.record({
    moments: fc.tuple(moment, moment, moment),
    worker: fc.nat({ max: 1 }),
    policyClass: fc.nat({ max: 1 }),
    routing: fc.constantFrom(-1, -1, 0),
    priority: fc.nat({ max: 2 }),
    strict: fc.nat({ max: 1 }),
  });
  let overtaken = 0;
  check(fc.array(drawn, { minLength: 1, maxLength: 14 }), 2000, (requests) => {
    const result = handRun(requests.map(() => ({ arrivalMs: 0, tokensMs: [50] })));
    const table = result.requests;
    table.routings.push({ loraName: 'a' });
    for (const [row, request] of requests.entries()) {
      const [arrival, routed, admitted] = request.moments.toSorted((a, b) => a - b);
      table.arrivalNs[row] = arrival!;
      table.routedNs[row] = routed!;
      table.firstAdmitNs[row] = admitted!;
      table.worker[row] = request.worker;
      table.policyClass[row] = request.policyClass;
      table.routing[row] = request.routing;
      table.priority[row] = request.priority;
      table.strictPriority[row] = request.strict;
    }
    const expected = naivePriorityInversion(result);
    const found = findPriorityInversion(result);
    expect(found?.count ?? 0).toBe(expected.length);
    if (found !== undefined) expect(expected).toContain(found.evidence.worst.request);
    overtaken += expected.length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(overtaken).toBeGreaterThan(1000);
});

test('a trend turns with its series, and one outlier does not make one', () => {
  const series = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 8, maxLength: 30 });
  check(series, 300, (values) => {
    const { slope, z } = robustTrend(values);
    const mirrored = robustTrend(values.toReversed());
    expect(mirrored.slope).toBeCloseTo(-slope, 9);
    expect(mirrored.z).toBeCloseTo(-z, 9);
    const lifted = robustTrend(values.map((value, index) => value + 3 * index));
    expect(lifted.slope).toBeCloseTo(slope + 3, 9);
  });
  const flat = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1000];
  expect(robustTrend(flat).slope).toBe(0);
  expect(robustTrend([3]).slope).toBe(0);
});
