import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { check } from './check.ts';
import { expectInOrder } from './moments.ts';
import { configOf, flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

const ALL_TIMINGS = ['fixed', 'polynomial', 'linear', 'table'];
const flight = flightArbitrary(ALL_TIMINGS);

function rowsWith({ requests }: RunResult, status: number): number[] {
  return Array.from({ length: requests.count }, (_, row) => row).filter(
    (row) => requests.status[row] === status,
  );
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test('every request that the trace offers ends once, and gives all its blocks back', () => {
  check(flight, 200, (drawn) => {
    const result = flyRandom(drawn, 'leap');
    const completed = rowsWith(result, RequestStatus.completed).length;
    const rejected = rowsWith(result, RequestStatus.rejected).length;
    expect(result.requests.count).toBe(drawn.rows.length);
    expect(completed + rejected).toBe(drawn.rows.length);
    expect(result.kvUsedAtEnd.every((share) => share === 0)).toBe(true);
    expect(result.peakKvBlocks).toBeLessThanOrEqual(result.totalKvBlocks);
  });
});

test('a run that is cut off loses nobody: completed + rejected + incomplete = offered', () => {
  check(fc.tuple(flight, fc.integer({ min: 1, max: 300 })), 300, ([drawn, ms]) => {
    const config = { ...drawn.config, simulation: { max_sim_time_ms: ms } };
    const result = flyRandom({ ...drawn, config }, 'leap');
    const counts = Object.values(RequestStatus).map((status) => rowsWith(result, status).length);
    expect(total(counts)).toBe(result.requests.count);
    expect(result.simulatedNs).toBeLessThanOrEqual(ms * 1e6);
    for (const name of ['arrivalNs', 'firstTokenNs', 'terminalNs'] as const) {
      const times = result.requests[name].subarray(0, result.requests.count);
      expect(Math.max(...times)).toBeLessThanOrEqual(result.simulatedNs);
    }
  });
});

test('tokens are conserved: each asked-for token comes once, each gap is seen once', () => {
  check(flight, 200, (drawn) => {
    const result = flyRandom(drawn, 'exact');
    const { requests: table, itlNs } = result;
    const { engine } = configOf(drawn, 'exact');
    const trtllm = engine.backend === 'trtllm';
    const poolTokens = trtllm ? engine.num_gpu_blocks * engine.block_size : Infinity;
    const limit = Math.min(engine.max_model_len ?? Infinity, poolTokens);
    const completed = rowsWith(result, RequestStatus.completed);
    for (const row of completed) {
      const room = limit - table.inputTokens[row]!;
      expect(table.outputTokens[row]).toBe(Math.min(table.requestedTokens[row]!, room));
      const recomputed = table.requestedTokens[row] === 0 || trtllm ? 0 : 1;
      const reused = table.firstReusedTokens[row]!;
      expect(reused).toBeLessThanOrEqual(table.inputTokens[row]! - recomputed);
      expect(table.firstReusedTokens[row]).toBeLessThanOrEqual(table.reusedTokens[row]!);
    }
    const spanned = completed.filter((row) => table.outputTokens[row]! > 0);
    expect(itlNs.count).toBe(total(spanned.map((row) => table.outputTokens[row]! - 1)));
    const spans = spanned.map((row) => table.lastTokenNs[row]! - table.firstTokenNs[row]!);
    expect(itlNs.sum).toBe(total(spans));
    if (result.preemptions > 0) return;
    const computed = completed.map((row) => table.inputTokens[row]! - table.reusedTokens[row]!);
    expect(result.committedPrefillTokens).toBe(total(computed));
  });
});

test('time never goes back in the life of a request', () => {
  check(flight, 200, (drawn) => {
    const { requests: table, simulatedNs } = flyRandom(drawn, 'leap');
    for (let row = 0; row < table.count; row++) {
      expectInOrder([
        table.arrivalNs[row]!,
        table.routedNs[row]!,
        table.firstAdmitNs[row]!,
        table.firstTokenNs[row]!,
        table.secondTokenNs[row]!,
        table.lastTokenNs[row]!,
        table.terminalNs[row]!,
        simulatedNs,
      ]);
    }
  });
});

/** ∫ requests in flight dt, event by event. */
function inFlightNs(result: RunResult): number {
  const { requests: table } = result;
  const rows = Array.from({ length: table.count }, (_, row) => row);
  const changes = rows.flatMap((row) => [
    { atNs: table.arrivalNs[row]!, by: 1 },
    { atNs: table.terminalNs[row]!, by: -1 },
  ]);
  changes.sort((a, b) => a.atNs - b.atNs);
  let inFlight = 0;
  let nowNs = 0;
  let integral = 0;
  for (const { atNs, by } of changes) {
    integral += inFlight * (atNs - nowNs);
    nowNs = atNs;
    inFlight += by;
  }
  return integral;
}

test("Little's law: the times in the system add up to the integral of requests in flight", () => {
  check(flight, 300, (drawn) => {
    const result = flyRandom(drawn, 'leap');
    const { requests: table } = result;
    const stays = drawn.rows.map((_, row) => table.terminalNs[row]! - table.arrivalNs[row]!);
    expect(inFlightNs(result)).toBe(total(stays));
  });
});

/** Every pass lasts a millisecond, whatever it does, and nobody is too long. */
function evenPasses(drawn: RandomFlight, workers: number): RandomFlight {
  const engine = {
    block_size: 4,
    num_gpu_blocks: 40,
    max_num_batched_tokens: 8,
    timing: { type: 'linear', base_ms: 1 },
  };
  const workload = { trace_block_size: 8 };
  const config = { cluster: { workers }, engine, router: { mode: 'round_robin' }, workload };
  return {
    config,
    rows: drawn.rows.map(({ ids: _, ...row }) => ({ ...row, output: row.output % 9 })),
  };
}

/** Length of the union of the spans during which a request was in the system. */
function busyNs({ requests: table }: RunResult): number {
  const spans = Array.from({ length: table.count }, (_, row) => {
    return [table.arrivalNs[row]!, table.terminalNs[row]!] as const;
  }).sort((a, b) => a[0] - b[0]);
  let busy = 0;
  let until = 0;
  for (const [from, to] of spans) {
    busy += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return busy;
}

test('a worker is never idle while it has work', () => {
  check(flight, 300, (drawn) => {
    const result = flyRandom(evenPasses(drawn, 1), 'leap');
    expect(result.passes * 1e6).toBe(busyNs(result));
  });
});

test('more workers never complete fewer requests', () => {
  check(fc.tuple(flight, fc.constantFrom(1, 2, 4)), 200, ([drawn, workers]) => {
    const completed = [workers, workers + 1].map((count) => {
      const config = { ...drawn.config, cluster: { workers: count } };
      return rowsWith(flyRandom({ ...drawn, config }, 'leap'), RequestStatus.completed).length;
    });
    expect(completed[1]).toBeGreaterThanOrEqual(completed[0]!);
  });
});

test('the same flight twice gives the same numbers; another seed changes no prompt and no output', () => {
  check(fc.tuple(flight, fc.nat(99)), 150, ([drawn, seed]) => {
    const columns = ({ requests }: RunResult) => [
      requests.inputTokens.slice(0, requests.count),
      requests.requestedTokens.slice(0, requests.count),
    ];
    const first = flyRandom(drawn, 'leap', seed);
    expect(flyRandom(drawn, 'leap', seed)).toEqual(first);
    expect(columns(flyRandom(drawn, 'leap', seed + 1))).toEqual(columns(first));
  });
});
