import { expect, test } from 'vitest';
import { FixedBandwidth } from './transfers.ts';

test('each transfer takes its bytes over the bandwidth, whatever others do', () => {
  const transfers = new FixedBandwidth({ bandwidth_gb_s: 1 });
  transfers.start(7, 0, 0, 2_000_000, 100);
  transfers.start(8, 0, 0, 1_000_000, 100);
  expect(transfers.nextEndNs).toBe(1_000_100);
  expect(transfers.takeEnded(1_000_099)).toBe(-1);
  expect(transfers.takeEnded(1_000_100)).toBe(8);
  expect(transfers.takeEnded(1_000_100)).toBe(-1);
  expect(transfers.takeEnded(2_000_100)).toBe(7);
  expect(transfers.nextEndNs).toBe(Number.POSITIVE_INFINITY);
});

test('transfers that end together end in the order in which they began', () => {
  const transfers = new FixedBandwidth({ bandwidth_gb_s: 4 });
  transfers.start(9, 0, 0, 400, 0);
  transfers.start(3, 1, 0, 400, 0);
  expect([transfers.takeEnded(100), transfers.takeEnded(100)]).toEqual([9, 3]);
});

test('without a bandwidth a transfer takes no time', () => {
  const transfers = new FixedBandwidth({});
  transfers.start(1, 0, 0, 0, 50);
  expect(transfers.takeEnded(50)).toBe(1);
});
