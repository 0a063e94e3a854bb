import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../run.ts';

type Transfer = NonNullable<ConfigInput['kv_transfer']>;

/** One worker a side, passes of 10 ms with at most 50 tokens of a prompt, 1 MB a token. */
function fly(transfer: Transfer, gbPerSecond: number, more: Partial<HandRow>[] = []) {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 1 },
        { role: 'decode', workers: 1 },
      ],
    },
    engine: {
      timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 },
      max_num_batched_tokens: 50,
      block_size: 10,
      max_num_seqs: 8,
    },
    kv_transfer: { bytes_per_token: 1e6, order: 'destination_first', ...transfer },
    network: { mode: 'shared', gpus_per_node: 1, nic_gb_s: gbPerSecond, nic_latency_us: 0 },
  });
  const rows = [{}, ...more].map((row) => ({ atMs: 0, input: 100, output: 3, ids: [1], ...row }));
  return run({ config, seed: 1, ...traceOf(rows) });
}

/** Prompt computed, transfer began, transfer over, in milliseconds. */
function momentsMs({ handOffs }: ReturnType<typeof fly>, row = 0): readonly number[] {
  const { sourceHeldNs, transferNs, transferredNs } = handOffs!;
  return [sourceHeldNs, transferNs, transferredNs].map((column) => column[row]! / 1e6);
}

test('without streaming the cache leaves when the prompt is computed', () => {
  expect(momentsMs(fly({}, 20))).toEqual([20, 20, 25]);
});

test('by chunks each pass is sent when it ends, and the last one remains', () => {
  expect(momentsMs(fly({ streaming: 'chunks' }, 20))).toEqual([20, 10, 22.5]);
});

test('by layers only the last layer of the last pass remains', () => {
  // 50 MB a pass, of which a tenth is left: 5 MB at 20 GB/s.
  expect(momentsMs(fly({ streaming: 'layers', num_layers: 10 }, 20))).toEqual([20, 0, 20.25]);
});

test('a link slower than the passes is busy from the first one on', () => {
  const layers = { streaming: 'layers', num_layers: 10 } as const;
  expect(momentsMs(fly(layers, 4))).toEqual([20, 0, 25]);
  expect(momentsMs(fly({ streaming: 'chunks' }, 4))).toEqual([20, 10, 35]);
  const [link] = fly(layers, 4).links!.filter(({ bytes }) => bytes > 0);
  expect([link!.bytes, link!.busyNs]).toEqual([100e6, 25e6]);
});

test('while layers leave evenly, the link carries no more than the pass computes', () => {
  const result = fly({ streaming: 'layers', num_layers: 10 }, 20);
  const [link] = result.links!.filter(({ bytes }) => bytes > 0);
  // 45 MB in each pass of 10 ms, and 5 MB at full speed after each.
  expect([link!.bytes, link!.peakShare]).toEqual([100e6, 1]);
});

test('what the prefill worker had cached is there when the first pass begins', () => {
  // The second prompt finds its first 90 tokens cached and computes 10 in the third pass.
  const result = fly({ streaming: 'chunks' }, 20, [{ ids: [1], input: 100 }]);
  const [held, began, over] = momentsMs(result, 1);
  expect([held, began]).toEqual([30, 20]);
  expect(over).toBe(30.5);
});

test('streams without shared links have the bandwidth of a transfer to themselves', () => {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: 2 },
        { role: 'decode', workers: 1 },
      ],
    },
    engine: { timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 } },
    router: { mode: 'round_robin' },
    kv_transfer: {
      bytes_per_token: 1e6,
      bandwidth_gb_s: 20,
      streaming: 'layers',
      num_layers: 4,
    },
  });
  const rows = [1, 2].map((id) => ({ atMs: 0, input: 100, output: 3, ids: [id] }));
  const result = run({ config, seed: 1, ...traceOf(rows) });
  expect([0, 1].map((row) => momentsMs(result, row))).toEqual([
    [10, 0, 11.25],
    [10, 0, 11.25],
  ]);
  expect(result.links).toBeUndefined();
});
