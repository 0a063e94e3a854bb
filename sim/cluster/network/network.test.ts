import { expect, test } from 'vitest';
import { openNetwork, playAll } from './network.fixture.ts';

test('two reads of 1 MB at 1 GB/s end together at 2.0 ms', () => {
  const network = openNetwork([{ capacity: 1 }], [[0]]);
  network.start(0, 1e6, 1, 0);
  network.start(0, 1e6, 2, 0);
  expect(playAll(network)).toEqual([
    [2_000_000, 1],
    [2_000_000, 2],
  ]);
  expect(network.flows).toBe(0);
});

test('one of them is cancelled at 1.0 ms, so the other ends at 1.5 ms', () => {
  const network = openNetwork([{ capacity: 1 }], [[0]]);
  network.start(0, 1e6, 1, 0);
  const cancelled = network.start(0, 1e6, 2, 0);
  expect(network.cancel(cancelled, 1_000_000)).toBe(500_000);
  expect(playAll(network)).toEqual([[1_500_000, 1]]);
  expect(network.usage.bytes(0, 2_000_000)).toBe(1_500_000);
  expect(network.usage.busyNs(0, 2_000_000)).toBe(1_500_000);
  expect(network.usage.peakShare(0, 2_000_000)).toBe(1);
});

test('four flows that can take 32 GB/s each get 20 under a link of 80, and 32 when two are left', () => {
  const network = openNetwork([{ capacity: 80 }], [[0]]);
  const flows = [1, 2, 3, 4].map((subject) => network.start(0, 1e9, subject, 0, 32));
  expect(flows.map((flow) => network.rate(flow))).toEqual([20, 20, 20, 20]);
  network.cancel(flows[0]!, 1000);
  network.cancel(flows[2]!, 1000);
  expect([network.rate(flows[1]!), network.rate(flows[3]!)]).toEqual([32, 32]);
  expect(network.usage.rate(0)).toBe(64);
});

test('who cannot use its share leaves it to the others', () => {
  const network = openNetwork([{ capacity: 100 }], [[0]]);
  const slow = network.start(0, 1e9, 1, 0, 10);
  const fast = [2, 3].map((subject) => network.start(0, 1e9, subject, 0));
  expect([slow, ...fast].map((flow) => network.rate(flow))).toEqual([10, 45, 45]);
});

test('a flow over several links leaves to each what the narrowest does not give it', () => {
  const links = [{ capacity: 1 }, { capacity: 1 }, { capacity: 2 }];
  const network = openNetwork(links, [[0, 1, 2], [0], [1], [2]]);
  const flows = [0, 0, 1, 1, 2, 3].map((path, subject) => network.start(path, 1e9, subject, 0));
  expect(flows.map((flow) => network.rate(flow))).toEqual([0.25, 0.25, 0.25, 0.25, 0.5, 1.5]);
});

test('the first byte takes the latencies of all links, and uses none of them until then', () => {
  const network = openNetwork(
    [
      { capacity: 1, latencyNs: 5000 },
      { capacity: 2, latencyNs: 10_000 },
    ],
    [[0, 1], [0]],
  );
  const late = network.start(0, 100_000, 1, 0);
  network.start(1, 20_000, 2, 0);
  // The second begins at 5 µs and has moved 10,000 bytes alone when the first joins it at 15 µs.
  expect(network.nextEventNs).toBe(5000);
  network.play(5000);
  expect([network.rate(late), network.usage.rate(0), network.usage.rate(1)]).toEqual([0, 1, 0]);
  expect(playAll(network)).toEqual([
    [35_000, 2],
    [125_000, 1],
  ]);
});

test('nothing to move still waits for its first byte', () => {
  const network = openNetwork([{ capacity: 1, latencyNs: 700 }], [[0]]);
  network.start(0, 0, 9, 100);
  expect(playAll(network)).toEqual([[800, 9]]);
});

test('an end is the first whole nanosecond by which the bytes are across', () => {
  const network = openNetwork([{ capacity: 3 }], [[0]]);
  network.start(0, 10, 1, 0);
  expect(playAll(network)).toEqual([[4, 1]]);
});

test('what ends at one moment is told by subject', () => {
  const network = openNetwork([{ capacity: 4 }, { capacity: 4 }], [[0], [1]]);
  for (const [path, subject] of [
    [1, 8],
    [0, 3],
    [1, 2],
    [0, 5],
  ]) {
    network.start(path!, 1000, subject!, 0);
  }
  expect(playAll(network).map(([, subject]) => subject)).toEqual([2, 3, 5, 8]);
});

test('a flow that begins in the moment of an end gets what that one had', () => {
  const network = openNetwork([{ capacity: 2 }], [[0]]);
  network.start(0, 2000, 1, 0);
  const next = network.start(0, 2000, 2, 1000);
  network.play(1000);
  expect([network.ended.count, network.rate(next)]).toEqual([1, 2]);
  expect(playAll(network)).toEqual([[2000, 2]]);
});

test('rows are used again and nothing grows while transfers come and go', () => {
  const network = openNetwork([{ capacity: 1 }], [[0]]);
  const rows = new Set<number>();
  for (let subject = 0; subject < 1000; subject++) {
    rows.add(network.start(0, 10, subject, subject * 10));
    network.play(network.nextEventNs);
  }
  expect([...rows]).toEqual([0]);
});

test('the past, events passed over and flows that are gone are refused', () => {
  const network = openNetwork([{ capacity: 1 }], [[0]]);
  const flow = network.start(0, 1000, 1, 500);
  expect(() => network.start(0, 1, 2, 499)).toThrow('past');
  expect(() => network.play(1501)).toThrow('at 1500 ns is passed over');
  network.play(1500);
  expect(() => network.moved(flow, 1500)).toThrow('not under way');
  expect(() => network.start(7, 1, 2, 1500)).toThrow('no path 7');
  expect(() => network.start(0, 1, 2, 1500, 0)).toThrow('cannot flow');
});

test('a flow whose limit is lifted goes on with what it has left', () => {
  const network = openNetwork([{ capacity: 8 }], [[0]]);
  const slow = network.start(0, 1000, 1, 0, 2);
  const other = network.start(0, 10_000, 2, 0);
  expect([network.rate(slow), network.rate(other)]).toEqual([2, 6]);
  network.setLimit(slow, 16, 100);
  expect([network.moved(slow, 100), network.rate(slow), network.rate(other)]).toEqual([200, 4, 4]);
  expect(playAll(network)).toEqual([
    [300, 1],
    [1375, 2],
  ]);
  expect(network.usage.bytes(0, 2000)).toBe(11_000);
});
