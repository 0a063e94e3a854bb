import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import type { TraceRouting } from '#traces/routing.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

const routing: fc.Arbitrary<TraceRouting | undefined> = fc.constantFrom(
  undefined,
  undefined,
  { requiredTaints: ['a'] },
  { requiredTaints: ['b'] },
  { preferredTaints: { a: 0.5 } },
  { loraName: 'sql' },
  { backendInstanceId: 0, dpRank: 0 },
  { backendInstanceId: 1, dpRank: 0, requiredTaints: ['a'] },
);

const limits = fc.record(
  { router_session_affinity_ttl_secs: fc.constant(1) },
  { requiredKeys: [] },
);

/** A flight whose first worker has the taint a, and whose requests ask for this and that. */
const flight = fc
  .tuple(
    flightArbitrary(['fixed', 'linear', 'table']),
    fc.array(routing, { minLength: 25, maxLength: 25 }),
    limits,
    fc.constantFrom(undefined, 10, 40),
  )
  .map(([{ config, rows }, asked, own, prefillTokens]): RandomFlight => {
    const { workers } = config.cluster as { workers: number };
    const rest = workers === 1 ? [] : [{ count: workers - 1, lora_adapters: ['sql'] }];
    const router = config.router as { readonly mode: string };
    const limit = router.mode === 'kv_router' && prefillTokens !== undefined;
    return {
      config: {
        ...config,
        cluster: { workers, groups: [{ count: 1, taints: ['a'] }, ...rest] },
        router: {
          ...router,
          ...own,
          ...(limit && { active_prefill_tokens_threshold: prefillTokens }),
        },
      },
      rows: rows.map((row, index) => {
        const wish = asked[index];
        return wish === undefined ? row : { ...row, routing: wish };
      }),
    };
  });

function columnsOf({ requests, simulatedNs }: RunResult) {
  const { status, rejection, worker, arrivalNs, firstTokenNs, terminalNs, count } = requests;
  const columns = [status, rejection, worker, arrivalNs, firstTokenNs, terminalNs];
  return [simulatedNs, ...columns.map((column) => [...column.subarray(0, count)])];
}

test('requests that ask for workers end there or say why not, leap or not', () => {
  let turnedAway = 0;
  check(flight, 150, (drawn) => {
    const leap = flyRandom(drawn, 'leap');
    expect(columnsOf(leap)).toEqual(columnsOf(flyRandom(drawn, 'exact')));
    const { requests } = leap;
    const { data_parallel_size: ranks } = drawn.config.engine as { data_parallel_size: number };
    for (const [row, { routing: asked }] of drawn.rows.entries()) {
      const target = requests.worker[row]!;
      expect([RequestStatus.completed, RequestStatus.rejected]).toContain(requests.status[row]);
      if (requests.rejection[row] !== 0) {
        turnedAway++;
        expect(target).toBe(-1);
        // One that waited is turned away where what it waited for takes no more.
        const waits = 'router_queue_threshold' in (drawn.config.router as object);
        if (!waits) expect(requests.terminalNs[row]).toBe(requests.arrivalNs[row]);
        continue;
      }
      const worker = Math.floor(target / ranks);
      if (asked?.requiredTaints?.includes('a') === true) expect(worker).toBe(0);
      expect(asked?.requiredTaints?.includes('b') ?? false).toBe(false);
      if (asked?.backendInstanceId !== undefined) expect(worker).toBe(asked.backendInstanceId);
    }
    expect(leap.kvUsedAtEnd.every((share) => share === 0)).toBe(true);
  });
  // Enough of what the law is about came up.
  expect(turnedAway).toBeGreaterThan(100);
});
