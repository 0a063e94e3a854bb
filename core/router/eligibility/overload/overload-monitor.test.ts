import { expect, test } from 'vitest';
import { OverloadMonitor } from './overload-monitor.ts';
import type { BusyThresholds } from './thresholds.ts';

/** Targets 0 and 1 are workers of one rank; 2 and 3 are the ranks of worker 7. */
function newMonitor(thresholds: BusyThresholds): OverloadMonitor {
  const monitor = new OverloadMonitor(thresholds, {
    maxNumBatchedTokens: 1001,
    totalKvBlocks: 100,
  });
  monitor.add(0, 0);
  monitor.add(1, 1);
  monitor.add(2, 7);
  monitor.add(3, 7);
  return monitor;
}

function overloaded(monitor: OverloadMonitor): number[] {
  const targets = [0, 1, 2, 3].filter((target) => monitor.isOverloaded(target));
  expect(monitor.count).toBe(targets.length);
  return targets;
}

test('prefill tokens: strictly above, the part rounded down, the smaller bound counts', () => {
  const monitor = newMonitor({ activePrefillTokens: 800, activePrefillTokensFrac: 0.5 });
  monitor.report(0, 500, -1, -1);
  monitor.report(1, 501, -1, -1);
  expect(overloaded(monitor)).toEqual([1]);
  monitor.report(1, 500, -1, -1);
  expect(overloaded(monitor)).toEqual([]);
});

test('a worker is overloaded only when all of its ranks are', () => {
  const monitor = newMonitor({ activePrefillTokens: 10 });
  monitor.report(2, 11, -1, -1);
  expect(overloaded(monitor)).toEqual([]);
  monitor.report(3, 11, -1, -1);
  expect(overloaded(monitor)).toEqual([2, 3]);
  monitor.report(2, 3, -1, -1);
  expect(overloaded(monitor)).toEqual([]);
  monitor.remove(2);
  expect(overloaded(monitor)).toEqual([3]);
  monitor.add(2, 7);
  expect(overloaded(monitor)).toEqual([]);
});

test('either count of blocks sets the latch, both have to be reported low to clear it', () => {
  const monitor = newMonitor({ activeDecodeBlocks: 0.8 });
  monitor.report(0, -1, -1, 80);
  expect(overloaded(monitor)).toEqual([]);
  monitor.report(0, -1, -1, 81);
  expect(overloaded(monitor)).toEqual([0]);
  monitor.report(0, -1, -1, 10);
  expect(overloaded(monitor)).toEqual([0]);
  monitor.report(0, -1, 80, -1);
  expect(overloaded(monitor)).toEqual([]);
  monitor.report(0, -1, 90, -1);
  monitor.report(0, -1, -1, 20);
  expect(overloaded(monitor)).toEqual([0]);
  monitor.report(0, 0, 60, -1);
  expect(overloaded(monitor)).toEqual([]);
});

test('changed thresholds judge the last reports anew; without any nobody is overloaded', () => {
  const monitor = newMonitor({});
  monitor.report(0, 1e9, -1, -1);
  expect([monitor.isActive, overloaded(monitor)]).toEqual([false, []]);
  monitor.change({ activePrefillTokens: 5 });
  monitor.report(0, 6, -1, -1);
  monitor.report(1, 9, -1, -1);
  expect(overloaded(monitor)).toEqual([0, 1]);
  monitor.change({ activePrefillTokens: 6 });
  expect(overloaded(monitor)).toEqual([1]);
  monitor.change({});
  expect(overloaded(monitor)).toEqual([]);
});

test('reports of targets that left or never came are ignored', () => {
  const monitor = newMonitor({ activePrefillTokens: 5 });
  monitor.remove(0);
  monitor.report(0, 6, -1, -1);
  monitor.report(900, 6, -1, -1);
  expect(monitor.count).toBe(0);
  monitor.add(0, 0);
  expect(overloaded(monitor)).toEqual([]);
});
