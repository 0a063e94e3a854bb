import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { traceOf } from '#test/reference/hand-trace.ts';
import { poolRows } from '../report/pool-rows.ts';
import { roleChangeRows } from '../report/role-change-rows.ts';
import { run } from '../run.ts';
import { RequestStatus } from '../workload/request-table.ts';

type Schedule = NonNullable<ConfigInput['cluster']>['schedule'];

/** Prompts of 10 ms and tokens of 2 ms; a request each 5 ms for 200 ms. */
function fly(prefill: number, decode: number, schedule: NonNullable<Schedule>) {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: prefill, gpus_per_worker: 2 },
        { role: 'decode', workers: decode, gpus_per_worker: 2 },
      ],
      schedule,
    },
    engine: { timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 } },
    router: { mode: 'round_robin' },
    kv_transfer: { bytes_per_token: 1e6 },
    network: { mode: 'shared', gpus_per_node: 2, nic_latency_us: 0 },
  });
  const rows = Array.from({ length: 40 }, (_, id) => ({
    atMs: 5 * id,
    input: 100,
    output: 5,
    ids: [id],
  }));
  return run({ config, seed: 1, ...traceOf(rows) });
}

function ended({ requests }: ReturnType<typeof fly>): readonly number[] {
  return Array.from(requests.status.subarray(0, requests.count));
}

test('a worker drains, is away for what the change costs, and serves in the other pool', () => {
  const result = fly(3, 1, [{ at_ms: 52, from: 'prefill', to: 'decode', cost_ms: 30 }]);
  expect(new Set(ended(result))).toEqual(new Set([RequestStatus.completed]));
  const [change] = roleChangeRows(result.roleChanges)!;
  expect(change).toMatchObject({
    from_pool: 'prefill',
    from_worker: 2,
    to_pool: 'decode',
    to_worker: 1,
    due_ms: 52,
    began_ms: 52,
  });
  expect(change!.drained_ms).toBeGreaterThanOrEqual(52);
  expect(change!.joined_ms).toBe(change!.drained_ms! + 30);
  const { handOffs, requests } = result;
  for (let row = 0; row < requests.count; row++) {
    const askedMs = handOffs!.prefillRoutedNs[row]! / 1e6;
    if (askedMs > 52) expect(handOffs!.prefillWorker[row]).not.toBe(2);
    const chosenMs = handOffs!.decodeRoutedNs[row]! / 1e6;
    if (handOffs!.decodeWorker[row] === 1)
      expect(chosenMs).toBeGreaterThanOrEqual(change!.joined_ms!);
  }
  expect(handOffs!.decodeWorker.subarray(0, requests.count)).toContain(1);
});

test('its GPU hours count for the pool that it left until it joins the other', () => {
  const result = fly(3, 1, [{ at_ms: 52, from: 'prefill', to: 'decode', cost_ms: 30 }]);
  const stays = fly(3, 1, [{ at_ms: 1e6, from: 'prefill', to: 'decode' }]);
  const hours = (rows: ReturnType<typeof poolRows>): number =>
    rows!.reduce((sum, { gpu_hours }) => sum + gpu_hours, 0);
  expect(hours(poolRows(result))).toBeCloseTo((8 * result.simulatedNs) / 3.6e12, 12);
  const [prefill, decode] = poolRows(result)!;
  const joinedMs = roleChangeRows(result.roleChanges)![0]!.joined_ms!;
  const restMs = result.simulatedNs / 1e6 - joinedMs;
  expect(decode!.gpu_hours * 3.6e6).toBeCloseTo(2 * (result.simulatedNs / 1e6 + restMs), 3);
  expect(prefill!.gpu_hours).toBeGreaterThan(decode!.gpu_hours);
  // A change that comes after the last request is none, and does not make the run longer.
  expect(roleChangeRows(stays.roleChanges)).toEqual([
    { from_pool: 'prefill', to_pool: 'decode', due_ms: 1e6 },
  ]);
});

test('a worker that changed roles sends from where it stands', () => {
  const result = fly(3, 1, [{ at_ms: 52, from: 'prefill', to: 'decode' }]);
  const crossed = result.links!.filter(({ bytes }) => bytes > 0).map(({ name }) => name);
  // The third worker sent while it prefilled, and receives since it decodes.
  expect(crossed).toContain('worker-2/nic-out');
  expect(crossed).toContain('worker-2/nic-in');
});

test('a pool keeps its last worker until another has come', () => {
  const result = fly(2, 1, [
    { at_ms: 20, from: 'prefill', to: 'decode', cost_ms: 40 },
    { at_ms: 30, from: 'decode', to: 'prefill', cost_ms: 10 },
  ]);
  expect(new Set(ended(result))).toEqual(new Set([RequestStatus.completed]));
  const [first, second] = roleChangeRows(result.roleChanges)!;
  expect(second!.due_ms).toBe(30);
  expect(second!.began_ms).toBe(first!.joined_ms);
  // The last one of the pool goes: the one that has just come.
  expect(second).toMatchObject({ from_worker: 1, to_worker: 2 });
});

test('KV events of a worker that has come get lost like those of the others', () => {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 1 },
        { role: 'decode', workers: 2 },
      ],
      schedule: [{ at_ms: 30, from: 'decode', to: 'prefill', workers: 1 }],
    },
    engine: { block_size: 4, timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 } },
    router: { mode: 'kv_router', kv_event_loss_ratio: 1 },
    workload: { trace_block_size: 4 },
  });
  const rows = Array.from({ length: 20 }, (_, id) => ({
    atMs: 5 * id,
    input: 8,
    output: 3,
    ids: [id, id + 50],
  }));
  const { kvEvents, tallies } = run({ config, seed: 1, ...traceOf(rows) });
  expect(tallies[1]!.prefillTokens).toBeGreaterThan(0);
  expect(kvEvents!.lost).toBe(kvEvents!.published);
});

test.each(['leap', 'exact'])(
  '%s: a change that is due after the last request does not happen',
  (stepping) => {
    const config = resolveConfig({
      cluster: {
        pools: [
          { role: 'prefill', workers: 2 },
          { role: 'decode', workers: 1 },
        ],
        schedule: [{ at_ms: 60, from: 'prefill', to: 'decode' }],
      },
      engine: { stepping, timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 } },
      router: { mode: 'round_robin' },
    } as ConfigInput);
    // It leaves at 34 ms, in the middle of a leap that would have ended at 210 ms.
    const rows = [{ atMs: 0, input: 100, output: 100, client: { cancelAfterMs: 34 } }];
    const { roleChanges } = run({ config, seed: 1, ...traceOf(rows) });
    const [change] = roleChangeRows(roleChanges)!;
    expect(change).not.toHaveProperty('began_ms');
  },
);
