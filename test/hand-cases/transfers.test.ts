import { expect, test } from 'vitest';
import { ConfigError } from '#core/config/config-error.ts';
import type { HandRow } from '#test/reference/hand-trace.ts';
import { at, flyHand, tokensMs } from './fly-hand.ts';

const POOLS = {
  pools: [
    { role: 'prefill', workers: 1 },
    { role: 'decode', workers: 1 },
  ],
};

/** What each hand-off moves, bytes, and for how long, ms. */
function transfers(
  rows: readonly HandRow[],
  kv_transfer: Readonly<Record<string, unknown>>,
  engine: Readonly<Record<string, unknown>> = {},
): number[][] {
  const block = Number(engine.block_size ?? 4);
  const { handOffs, requests } = flyHand(rows, {
    cluster: POOLS,
    engine,
    kv_transfer,
    traceBlockSize: block,
  });
  return Array.from({ length: requests.count }, (_, row) => [
    handOffs!.transferBytes[row]!,
    (handOffs!.transferredNs[row]! - handOffs!.transferNs[row]!) / 1e6,
  ]);
}

test.each(['vllm', 'trtllm', 'sglang'])('§10.3 G: 10 ms + 1 ms + 2 ms (%s)', (backend) => {
  const kv_transfer = { bytes_per_token: 1e6, bandwidth_gb_s: 100 };
  const result = flyHand([at(0, 100, 1)], { cluster: POOLS, engine: { backend }, kv_transfer });
  expect(tokensMs(result)).toEqual([[13, 13]]);
});

test('§10.2: 128 tokens of 1 MB at 1 GB/s take 128 ms', () => {
  const moved = transfers([at(0, 128, 1)], { bytes_per_token: 1e6, bandwidth_gb_s: 1 });
  expect(moved).toEqual([[128e6, 128]]);
});

test('§10.2: the full prompt of 100 tokens takes 0.1 ms, the 20 that are missing 0.02', () => {
  const rows = [at(0, 80, 1, [1, 2, 3, 4]), at(100, 100, 1, [1, 2, 3, 4, 5])];
  const rate = { bytes_per_token: 1_000, bandwidth_gb_s: 1 };
  const engine = { block_size: 20 };
  expect(transfers(rows, rate, engine)[1]).toEqual([100_000, 0.1]);
  const missing = { ...rate, timing_mode: 'destination_missing' };
  expect(transfers(rows, missing, engine)[1]).toEqual([20_000, 0.02]);
});

test('§10.4: what is missing counts in whole blocks, and nothing is missing twice', () => {
  const missing = { bytes_per_token: 1, bandwidth_gb_s: 1, timing_mode: 'destination_missing' };
  expect(transfers([at(0, 10, 1)], missing)[0]![0]).toBe(12);
  const again = [at(0, 4, 1, [1]), at(100, 4, 1, [1])];
  expect(transfers(again, missing).map(([bytes]) => bytes)).toEqual([4, 0]);
});

test('§10.4: different block sizes on both sides are refused', () => {
  const pools = [
    { role: 'prefill', workers: 1, engine: { block_size: 8 } },
    { role: 'decode', workers: 1 },
  ];
  expect(() => flyHand([at(0, 4, 1)], { cluster: { pools } })).toThrow(ConfigError);
});
