import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { run } from '#sim/run.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { check } from './check.ts';
import { timings } from './random-flight.ts';

const change = fc.record({
  at_ms: fc.nat({ max: 120 }),
  cost_ms: fc.constantFrom(0, 5, 60),
  back: fc.boolean(),
});

const flight = fc.record({
  prefill: fc.integer({ min: 2, max: 4 }),
  decode: fc.integer({ min: 2, max: 4 }),
  schedule: fc.array(change, { minLength: 1, maxLength: 4 }),
  mode: fc.constantFrom('round_robin' as const, 'kv_router' as const, 'least_loaded' as const),
  lagMs: fc.constantFrom(0, 15),
  lossRatio: fc.constantFrom(0, 0.3),
  duplicateRatio: fc.constantFrom(0, 0.3),
  backend: fc.constantFrom('vllm' as const, 'sglang' as const, 'trtllm' as const),
  streaming: fc.constantFrom('none' as const, 'chunks' as const),
  timing: fc.constantFrom('fixed', 'linear', 'table'),
  rows: fc.array(
    fc.record({
      gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 20 })),
      ids: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
      output: fc.nat({ max: 12 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

type Flight = typeof flight extends fc.Arbitrary<infer T> ? T : never;

/** Undefined where the schedule would leave a pool empty. */
function fly(drawn: Flight, stepping: 'exact' | 'leap') {
  const { prefill, decode, mode, lagMs, lossRatio, duplicateRatio, streaming } = drawn;
  const schedule = drawn.schedule.map(({ at_ms, cost_ms, back }) => {
    const [from, to] = back ? ['decode', 'prefill'] : ['prefill', 'decode'];
    return { at_ms, cost_ms, from: from!, to: to! };
  });
  let config: ReturnType<typeof resolveConfig>;
  try {
    config = resolveConfig({
      cluster: {
        pools: [
          { role: 'prefill', workers: prefill },
          { role: 'decode', workers: decode },
        ],
        schedule,
      },
      engine: {
        backend: drawn.backend,
        block_size: 16,
        num_gpu_blocks: 64,
        max_num_seqs: 8,
        stepping,
        timing: timings[drawn.timing] as { type: 'fixed'; prefill_ms: number; decode_ms: number },
      },
      router: {
        mode,
        ...(mode === 'kv_router' && {
          kv_event_lag_ms: lagMs,
          kv_event_loss_ratio: lossRatio,
          kv_event_duplicate_ratio: duplicateRatio,
        }),
      },
      workload: { trace_block_size: 16 },
      kv_transfer: { bytes_per_token: 100_000, streaming },
      network: { mode: 'shared', gpus_per_node: 2, nic_gb_s: 1 },
    });
  } catch (error) {
    if (/one at least must stay/.test(String(error))) return undefined;
    throw error;
  }
  let atMs = 0;
  const rows = drawn.rows.map(({ gapMs, ids, output }) => {
    atMs += gapMs;
    return { atMs, input: ids.length * 16, output, ids };
  });
  return run({ config, seed: 3, ...traceOf(rows) });
}

test('while workers change pools nobody is lost, and nobody goes to one that is not there', () => {
  let joined = 0;
  check(flight, 200, (drawn) => {
    const result = fly(drawn, 'leap');
    if (result === undefined) return;
    const { requests, handOffs, roleChanges, kvUsedAtEnd, pools, simulatedNs } = result;
    for (let row = 0; row < requests.count; row++) {
      expect(requests.status[row]).toBe(RequestStatus.completed);
      for (const [pool, worker, routedNs] of [
        ['prefill', handOffs!.prefillWorker[row]!, handOffs!.prefillRoutedNs[row]!],
        ['decode', handOffs!.decodeWorker[row]!, handOffs!.decodeRoutedNs[row]!],
      ] as const) {
        const came = roleChanges!.find(({ to, joiner }) => to.name === pool && joiner === worker);
        const went = roleChanges!.find(
          ({ from, leaver }) => from.name === pool && leaver === worker,
        );
        if (came !== undefined) expect(routedNs).toBeGreaterThanOrEqual(came.joinedNs);
        if (went !== undefined) expect(routedNs).toBeLessThanOrEqual(went.beganNs);
      }
    }
    expect(kvUsedAtEnd.every((share) => share === 0)).toBe(true);
    const workerNs = pools.reduce((sum, pool) => sum + pool.workerNs!, 0);
    expect(workerNs).toBe((drawn.prefill + drawn.decode) * simulatedNs);
    joined += roleChanges!.filter(({ joinedNs }) => joinedNs !== NEVER).length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(joined).toBeGreaterThan(100);
});

test('while workers change pools a leap is what stepping is', () => {
  check(flight, 100, (drawn) => {
    const leap = fly(drawn, 'leap');
    const exact = fly(drawn, 'exact');
    if (leap === undefined || exact === undefined) return;
    const moments = ({ requests, roleChanges }: typeof leap) => [
      [...requests.firstTokenNs.subarray(0, requests.count)],
      [...requests.terminalNs.subarray(0, requests.count)],
      roleChanges!.map(({ beganNs, drainedNs, joinedNs, leaver, joiner }) => [
        ...[beganNs, drainedNs, joinedNs],
        ...[leaver, joiner],
      ]),
    ];
    expect(moments(leap)).toEqual(moments(exact));
  });
});
