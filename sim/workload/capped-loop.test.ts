import { expect, test } from 'vitest';
import { CappedLoop } from './capped-loop.ts';
import { RequestTable } from './request-table.ts';
import { SessionTable } from './session-table.ts';
import type { Workload } from './workload.ts';

/** Requests that are due at given moments. */
function dueAt(...timesNs: readonly number[]): Workload {
  let next = 0;
  return {
    get nextArrivalNs() {
      return timesNs[next] ?? Number.POSITIVE_INFINITY;
    },
    take: () => next++,
    ended: () => {},
  };
}

/** So many requests, the last of them a later turn of a session. */
function capOf(inner: Workload, places: number, count = 4) {
  const requests = new RequestTable();
  const sessions = new SessionTable(requests);
  for (let row = 0; row < count; row++) {
    requests.append(row + 1, 1, 1);
    sessions.append(row, row === 0 || row === 3 ? 's' : undefined, 0, 0);
  }
  return { requests, capped: new CappedLoop(inner, places, requests, sessions) };
}

test('one place: the second waits for the first, and what they wait overlaps once', () => {
  const { capped, requests } = capOf(dueAt(0, 10, 20, 100), 1);
  expect(capped.nextArrivalNs).toBe(0);
  expect(capped.take(0)).toBe(0);
  expect(capped.nextArrivalNs).toBe(Number.POSITIVE_INFINITY);
  capped.ended(0, 50);
  expect(capped.nextArrivalNs).toBe(50);
  expect(capped.take(50)).toBe(1);
  capped.ended(1, 60);
  expect([capped.nextArrivalNs, capped.take(60)]).toEqual([60, 2]);
  capped.ended(2, 70);
  expect([capped.nextArrivalNs, capped.take(100)]).toEqual([100, 3]);
  capped.ended(3, 110);
  // Binding from 10 to 60: the waits 10–50 and 20–60 overlap.
  expect(capped.facts(110)).toEqual({
    maxConcurrency: 1,
    due: { count: 3, firstNs: 0, lastNs: 20 },
    sent: { count: 3, firstNs: 0, lastNs: 60 },
    bindingNs: 50,
    spanNs: 100,
  });
  expect([...requests.dueNs.subarray(0, 4)]).toEqual([0, 10, 20, 100]);
});

test('a request that still waits when the run is cut off has waited until then', () => {
  const capped = capOf(dueAt(0, 10), 1).capped;
  capped.take(0);
  expect(capped.facts(40)).toMatchObject({ sent: { count: 1 }, bindingNs: 30, spanNs: 40 });
  expect(capped.facts(5)).toMatchObject({ bindingNs: 0, spanNs: 0 });
});

test('with room for all nothing waits', () => {
  const { capped } = capOf(dueAt(0, 10, 20), 3);
  expect([capped.take(0), capped.take(10), capped.take(20)]).toEqual([0, 1, 2]);
  expect(capped.facts(30)).toMatchObject({ bindingNs: 0, spanNs: 20, sent: { lastNs: 20 } });
});
