import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER, type RequestTable } from '#sim/workload/request-table.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

const flight = flightArbitrary(['fixed', 'linear']);
const places = fc.integer({ min: 1, max: 5 });

type Keys = Readonly<Record<string, unknown>>;

/** Flies with other keys of the workload. */
function flyWith(drawn: RandomFlight, workload: Keys): RunResult {
  const kept = { trace_block_size: (drawn.config.workload as Keys).trace_block_size };
  const config = { ...drawn.config, workload: { ...kept, ...workload } };
  return flyRandom({ ...drawn, config }, 'leap');
}

/** The most requests that were under way at once; an end comes before a start of the same moment. */
function mostUnderWay(table: RequestTable): number {
  const changes = Array.from({ length: table.count }, (_, row) => [
    { atNs: table.arrivalNs[row]!, by: 1 },
    { atNs: table.terminalNs[row]!, by: -1 },
  ]).flat();
  changes.sort((a, b) => a.atNs - b.atNs || a.by - b.by);
  let underWay = 0;
  let most = 0;
  for (const { by } of changes) {
    underWay += by;
    most = Math.max(most, underWay);
  }
  return most;
}

/** Rows in the order in which they were sent; of one moment in the order of another column. */
function sentOrder(table: RequestTable, then: Float64Array | Uint8Array): number[] {
  const rows = Array.from({ length: table.count }, (_, row) => row);
  return rows.sort((a, b) => table.arrivalNs[a]! - table.arrivalNs[b]! || then[a]! - then[b]!);
}

/** Time during which a request was due and not sent, by the union of the spans. */
function waitedNs(table: RequestTable): number {
  const spans = Array.from({ length: table.count }, (_, row) => {
    return [table.dueNs[row]!, table.arrivalNs[row]!] as const;
  }).sort((a, b) => a[0] - b[0]);
  let waited = 0;
  let untilNs = 0;
  for (const [dueNs, sentNs] of spans) {
    waited += Math.max(0, sentNs - Math.max(dueNs, untilNs));
    untilNs = Math.max(untilNs, sentNs);
  }
  return waited;
}

/** A request that lasts no time at all is under way for none. */
const lasting = flight.map((drawn): RandomFlight => {
  const timing = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };
  const { max_model_len: _, ...engine } = drawn.config.engine;
  return { ...drawn, config: { ...drawn.config, engine: { ...engine, timing } } };
});

test('a cap is never exceeded, and requests are sent in the order in which they are due', () => {
  check(fc.tuple(lasting, places), 200, ([drawn, cap]) => {
    const { requests: table, cap: facts } = flyWith(drawn, { max_concurrency: cap });
    expect(mostUnderWay(table)).toBeLessThanOrEqual(cap);
    const due = sentOrder(table, table.dueNs).map((row) => table.dueNs[row]!);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
    for (let row = 0; row < table.count; row++) {
      expect(table.arrivalNs[row]).toBeGreaterThanOrEqual(table.dueNs[row]!);
    }
    expect(facts?.bindingNs).toBe(waitedNs(table));
    expect(facts?.bindingNs).toBeLessThanOrEqual(facts!.spanNs);
  });
});

test('a request waits for a place only while all are taken', () => {
  check(fc.tuple(lasting, places), 100, ([drawn, cap]) => {
    const { requests: table } = flyWith(drawn, { max_concurrency: cap });
    const rows = Array.from({ length: table.count }, (_, row) => row);
    for (const row of rows) {
      const sentNs = table.arrivalNs[row]!;
      if (sentNs === table.dueNs[row]) continue;
      const freed = rows.some((other) => table.terminalNs[other] === sentNs);
      expect(freed).toBe(true);
    }
  });
});

test('a cap above all requests changes nothing', () => {
  check(flight, 60, (drawn) => {
    const open = flyWith(drawn, {}).requests;
    const capped = flyWith(drawn, { max_concurrency: 1_000 });
    expect(capped.requests.arrivalNs).toEqual(open.arrivalNs);
    expect(capped.requests.terminalNs).toEqual(open.terminalNs);
    expect(capped.cap?.bindingNs).toBe(0);
  });
});

test('a closed loop has no more under way than users', () => {
  check(fc.tuple(lasting, places), 150, ([drawn, users]) => {
    const { requests } = flyWith(drawn, { concurrency: users });
    expect(mostUnderWay(requests)).toBeLessThanOrEqual(users);
  });
});

test('the turns of a session come one after the other, however they are sent', () => {
  const ways = fc.oneof(
    fc.record({ max_concurrency: places }),
    fc.record({ concurrency: places }),
    fc.constant({ arrivals: 'gamma', burstiness: 0.3, request_rate: 60 }),
  );
  check(fc.tuple(flight, ways), 150, ([drawn, way]) => {
    const { requests: table } = flyWith(drawn, way);
    const last = new Map<number, number>();
    for (let row = 0; row < table.count; row++) {
      const session = table.session[row]!;
      const before = last.get(session);
      if (session >= 0 && before !== undefined) {
        expect(table.turn[row]).toBe(table.turn[before]! + 1);
        expect(table.arrivalNs[row]).toBeGreaterThanOrEqual(table.terminalNs[before]!);
      }
      last.set(session, row);
    }
  });
});

test('a warm-up marks the first to arrive and changes no flight', () => {
  check(fc.tuple(flight, fc.nat(30), fc.nat(100)), 150, ([drawn, first, ms]) => {
    const keys = { warmup_requests: first + 1, warmup_s: (ms + 1) / 1000 };
    const warmed = flyRandom(
      {
        ...drawn,
        config: { ...drawn.config, workload: { ...(drawn.config.workload as Keys), ...keys } },
      },
      'leap',
    );
    const table = warmed.requests;
    expect(table.terminalNs).toEqual(flyRandom(drawn, 'leap').requests.terminalNs);
    const unmarked = table.warmup.map((mark) => 1 - mark);
    const marked = sentOrder(table, unmarked).map((row) => table.warmup[row]);
    expect(marked).toEqual(marked.toSorted((a, b) => b! - a!));
    const count = marked.filter((mark) => mark === 1).length;
    expect(warmed.warmUp?.requests).toBe(count);
    const early = Array.from(table.arrivalNs.subarray(0, table.count)).filter(
      (ns) => ns < (ms + 1) * 1e6,
    );
    expect(count).toBe(Math.min(table.count, Math.max(first + 1, early.length)));
  });
});

test('a time limit sends what comes before it, and nothing after', () => {
  check(fc.tuple(flight, fc.integer({ min: 1, max: 200 })), 150, ([drawn, ms]) => {
    const workload = { ...(drawn.config.workload as Keys), duration_s: ms / 1000 };
    const limited = flyRandom({ ...drawn, config: { ...drawn.config, workload } }, 'leap').requests;
    const whole = flyRandom(drawn, 'leap').requests;
    for (let row = 0; row < whole.count; row++) {
      const atNs = whole.arrivalNs[row]!;
      expect(row < limited.count ? limited.arrivalNs[row] : NEVER).toBe(
        atNs < ms * 1e6 ? atNs : NEVER,
      );
    }
  });
});
