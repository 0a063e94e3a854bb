import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Timeline } from '#sim/cluster/timeline.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { check } from './check.ts';
import { configOf, flightArbitrary, type RandomFlight } from './random-flight.ts';

const CELLS = [
  'running',
  'waiting',
  'kvUsedBlocks',
  'kvCachedBlocks',
  'prefillTokens',
  'outputTokens',
  'busyNs',
] as const;

/** Pass times in whole nanoseconds: the moments of a leap are those of stepping, to the last bit. */
const flight = flightArbitrary(['fixed', 'linear', 'table']);
const stepNs = fc.oneof(
  fc.constantFrom(1e6, 2e6, 10e6, 40e6, 1e12),
  fc.integer({ min: 300_000, max: 30_000_000 }),
);

function flyTimed(
  drawn: RandomFlight,
  stepping: 'exact' | 'leap',
  timelineStepNs: number,
  limitMs?: number,
): { readonly result: RunResult; readonly timeline: Timeline } {
  const simulation = limitMs === undefined ? {} : { max_sim_time_ms: limitMs };
  const config = configOf({ ...drawn, config: { ...drawn.config, simulation } }, stepping);
  const result = run({ config, seed: 7, timelineStepNs, ...traceOf(drawn.rows) });
  return { result, timeline: result.timeline! };
}

function cellsOf(timeline: Timeline) {
  const cells = timeline.count * timeline.targets;
  const columns = CELLS.map((name) => [name, [...timeline[name].subarray(0, cells)]]);
  return {
    ...Object.fromEntries(columns),
    timeNs: [...timeline.timeNs.subarray(0, timeline.count)],
    routerQueue: [...timeline.routerQueue.subarray(0, timeline.count)],
  };
}

test('a leap is sampled as stepping would have been', () => {
  const limit = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 400 }));
  let samples = 0;
  check(fc.tuple(flight, stepNs, limit), 200, ([drawn, step, ms]) => {
    const leap = flyTimed(drawn, 'leap', step, ms).timeline;
    expect(cellsOf(leap)).toEqual(cellsOf(flyTimed(drawn, 'exact', step, ms).timeline));
    samples += leap.count;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(samples).toBeGreaterThan(2000);
});

test('the last sample holds the sums of the run, and the run is the same with and without', () => {
  check(fc.tuple(flight, stepNs), 120, ([drawn, step]) => {
    const { result, timeline } = flyTimed(drawn, 'leap', step);
    const { requests, tallies } = result;
    const last = timeline.count - 1;
    expect(timeline.timeNs[last]).toBe(result.simulatedNs);
    const total = (name: 'prefillTokens' | 'outputTokens' | 'running' | 'waiting'): number => {
      let sum = 0;
      for (let target = 0; target < timeline.targets; target++) {
        sum += timeline[name][last * timeline.targets + target]!;
      }
      return sum;
    };
    expect(total('prefillTokens')).toBe(result.committedPrefillTokens);
    const outputs = requests.outputTokens.subarray(0, requests.count);
    expect(total('outputTokens')).toBe(outputs.reduce((sum, tokens) => sum + tokens, 0));
    expect(total('running') + total('waiting') + timeline.routerQueue[last]!).toBe(0);
    for (const [worker, tally] of tallies.entries()) {
      expect(timeline.busyNs[last * timeline.targets + worker]).toBe(tally.busyNs);
    }
    const plain = run({ config: configOf(drawn, 'leap'), seed: 7, ...traceOf(drawn.rows) });
    expect(plain.timeline).toBeUndefined();
    expect(plain.requests).toEqual(requests);
  });
});

test('at every sample the requests in the system are those that arrived and have not ended', () => {
  check(fc.tuple(flight, stepNs), 120, ([drawn, step]) => {
    const { result, timeline } = flyTimed(drawn, 'leap', step);
    const { requests } = result;
    for (let sample = 0; sample < timeline.count; sample++) {
      const atNs = timeline.timeNs[sample]!;
      let inside = timeline.routerQueue[sample]!;
      for (let worker = 0; worker < timeline.targets; worker++) {
        const cell = sample * timeline.targets + worker;
        inside += timeline.running[cell]! + timeline.waiting[cell]!;
        const kv = timeline.kvUsedBlocks[cell]! + timeline.kvCachedBlocks[cell]!;
        expect(kv).toBeLessThanOrEqual(result.totalKvBlocks);
        expect(timeline.kvCachedBlocks[cell]).toBeGreaterThanOrEqual(0);
        expect(timeline.busyNs[cell]).toBeLessThanOrEqual(atNs);
      }
      let expected = 0;
      for (let row = 0; row < requests.count; row++) {
        const arrived = requests.arrivalNs[row] !== NEVER && requests.arrivalNs[row]! <= atNs;
        if (arrived && requests.terminalNs[row]! > atNs) expected++;
      }
      // One that can never fit leaves the queue with the pass in which that is found out.
      if (!requests.status.includes(RequestStatus.rejected)) expect(inside).toBe(expected);
    }
  });
});
