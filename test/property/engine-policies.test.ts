import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

/** The flight with other settings of vLLM's scheduler; absent ones are left out. */
function scheduledBy(flight: RandomFlight, settings: Record<string, unknown>): RandomFlight {
  const {
    scheduling_policy: _policy,
    preemption_mode: _mode,
    prefill_schedule_interval: _interval,
    ...rest
  } = flight.config.engine;
  return { ...flight, config: { ...flight.config, engine: { ...rest, ...settings } } };
}

function momentsOf({ requests, passes, preemptions }: RunResult) {
  const { count, firstAdmitNs, lastTokenNs, terminalNs, status } = requests;
  const columns = [firstAdmitNs, lastTokenNs, terminalNs, status];
  return { passes, preemptions, columns: columns.map((column) => [...column.subarray(0, count)]) };
}

const flights = flightArbitrary(['fixed', 'linear', 'table'], ['vllm']);

test('priorities that are all equal change nothing', () => {
  check(fc.tuple(flights, fc.constantFrom(1, 3)), 300, ([flight, interval]) => {
    const rows = flight.rows.map((row) => ({ ...row, priority: 4 }));
    const fly = (settings: Record<string, unknown>) =>
      momentsOf(flyRandom(scheduledBy({ ...flight, rows }, settings), 'leap'));
    const prefill_schedule_interval = interval;
    expect(fly({ scheduling_policy: 'priority', prefill_schedule_interval })).toEqual(
      fly({ scheduling_policy: 'fcfs', prefill_schedule_interval }),
    );
  });
});

test('priorities and intervals change much of what flies through the other properties', () => {
  const changed = { priority: 0, interval: 0 };
  check(flights, 200, (flight) => {
    const fly = (settings: Record<string, unknown>) =>
      JSON.stringify(momentsOf(flyRandom(scheduledBy(flight, settings), 'leap')));
    const plain = fly({});
    if (fly({ scheduling_policy: 'priority' }) !== plain) changed.priority++;
    if (fly({ prefill_schedule_interval: 3 }) !== plain) changed.interval++;
  });
  if (process.env.WINDTUNNEL_PATH !== undefined) return;
  expect(changed.priority).toBeGreaterThan(25);
  expect(changed.interval).toBeGreaterThan(25);
});
