import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../../run.ts';

/** Prompts take 10 ms and tokens 2 ms, whatever their number. */
const timing = { type: 'fixed', prefill_ms: 10, decode_ms: 2 } as const;

/** Two prefill workers on a node of their own, and as many decode workers; 1 MB a token. */
function fly(network: ConfigInput['network'], kv_transfer: ConfigInput['kv_transfer'] = {}) {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 2, gpus_per_worker: 1 },
        { role: 'decode', workers: 2, gpus_per_worker: 1 },
      ],
    },
    engine: { timing },
    router: { mode: 'round_robin' },
    kv_transfer: { bytes_per_token: 1e6, ...kv_transfer },
    network,
  });
  const rows = [1, 2].map((id) => ({ atMs: 0, input: 100, output: 3, ids: [id] }));
  return run({ config, seed: 1, ...traceOf(rows) });
}

function transfersMs(result: ReturnType<typeof fly>): readonly (readonly number[])[] {
  const { transferNs, transferredNs } = result.handOffs!;
  return [0, 1].map((row) => [transferNs[row]! / 1e6, transferredNs[row]! / 1e6]);
}

test('transfers that do not meet take as long as one alone', () => {
  const result = fly({ mode: 'shared', gpus_per_node: 2, nic_gb_s: 10, nic_latency_us: 100 });
  // 100 MB over two cards of 10 GB/s and a first byte after 0.1 ms.
  expect(transfersMs(result)).toEqual([
    [10, 20.1],
    [10, 20.1],
  ]);
});

test('a card of the whole node is shared by both, and so each takes twice as long', () => {
  const nic = { nic: 'node', nic_gb_s: 10, nic_latency_us: 0 } as const;
  const result = fly({ mode: 'shared', gpus_per_node: 2, ...nic });
  expect(transfersMs(result)).toEqual([
    [10, 30],
    [10, 30],
  ]);
  const card = result.links!.find(({ name }) => name === 'node-0/nic-out');
  expect(card).toEqual({
    name: 'node-0/nic-out',
    capacity: 10,
    bytes: 200e6,
    busyNs: 20e6,
    peakShare: 1,
  });
});

test('the bandwidth of a transfer limits it on links that would give more', () => {
  const result = fly(
    { mode: 'shared', gpus_per_node: 4, nvlink_latency_us: 0 },
    { bandwidth_gb_s: 5 },
  );
  expect(transfersMs(result)).toEqual([
    [10, 30],
    [10, 30],
  ]);
  expect(result.links!.filter(({ bytes }) => bytes > 0).map(({ name }) => name)).toEqual([
    'worker-0/nvlink-out',
    'worker-1/nvlink-out',
    'worker-2/nvlink-in',
    'worker-3/nvlink-in',
  ]);
});

test('the series of the links add up to what they moved', () => {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 1 },
        { role: 'decode', workers: 1 },
      ],
    },
    engine: { timing },
    kv_transfer: { bytes_per_token: 1e6 },
    network: { mode: 'shared', gpus_per_node: 1, nic_gb_s: 10, nic_latency_us: 0 },
  });
  const rows = [{ atMs: 0, input: 100, output: 3, ids: [1] }];
  const result = run({ config, seed: 1, timelineStepNs: 4e6, ...traceOf(rows) });
  const { timeline, links } = result;
  const out = links!.findIndex(({ name }) => name === 'worker-0/nic-out');
  const moved = Array.from(timeline!.timeNs.subarray(0, timeline!.count), (_, step) =>
    Math.round(timeline!.linkBytes[step * timeline!.links + out]! / 1e6),
  );
  // The prompt is there at 10 ms; 10 MB a millisecond from then on.
  expect(moved.slice(0, 6)).toEqual([0, 0, 20, 60, 100, 100]);
});
