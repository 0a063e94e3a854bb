import { expect, test } from 'vitest';
import type { WorkerSample } from '../engine/worker-sample.ts';
import { type SampledFleet, Timeline } from './timeline.ts';

/** A fleet of which target t has made (t + 1) tokens a nanosecond. */
const fleet: SampledFleet = {
  sample(target: number, atNs: number, sample: WorkerSample): void {
    sample.running = target;
    sample.outputTokens = (target + 1) * atNs;
  },
};

function rows(timeline: Timeline): readonly (readonly number[])[] {
  return Array.from({ length: timeline.count }, (_, row) => [
    timeline.timeNs[row]!,
    ...timeline.outputTokens.subarray(row * timeline.targets, (row + 1) * timeline.targets),
  ]);
}

test('every step that ends before the next instant is sampled, and the last ends with the run', () => {
  const timeline = new Timeline(10, 2);
  timeline.advance(10, 0, fleet);
  expect(timeline.count).toBe(0);
  timeline.advance(25, 3, fleet);
  expect(timeline.nextNs).toBe(30);
  timeline.finish(34, 0, fleet);
  expect(rows(timeline)).toEqual([
    [10, 10, 20],
    [20, 20, 40],
    [30, 30, 60],
    [34, 34, 68],
  ]);
  expect([...timeline.routerQueue.subarray(0, 4)]).toEqual([3, 3, 0, 0]);
});

test('samples beyond the end of the run are taken back, and one on it is there once', () => {
  const late = new Timeline(10, 1);
  late.advance(100, 0, fleet);
  late.finish(40, 0, fleet);
  expect(rows(late).map(([ns]) => ns)).toEqual([10, 20, 30, 40]);
});

test('a run too long for its step keeps every second sample and doubles the step', () => {
  const timeline = new Timeline(10, 2, 8);
  timeline.finish(95, 0, fleet);
  // Four samples at most: 10 … 40 become 20, 40; then 60, 80 make four again: 40, 80.
  expect(timeline.stepNs).toBe(40);
  expect(rows(timeline)).toEqual([
    [40, 40, 80],
    [80, 80, 160],
    [95, 95, 190],
  ]);
});
