import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import { openJournal } from '#sim/cluster/record-run.ts';
import { EligibleTargetsObserver } from '#sim/fork/eligible-targets.ts';
import { ForcedChoice } from '#sim/fork/forced-choice.ts';
import { outcomeDifference } from '#sim/fork/outcome-difference.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { check } from './check.ts';
import { configOf, flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';
import { routedFlightArbitrary } from './routed-flight.ts';

const flight = fc.oneof(
  flightArbitrary(['fixed', 'linear']),
  routedFlightArbitrary(['fixed', 'linear']),
);

/** Ids of targets that no flight goes beyond. */
const MOST_TARGETS = 16;

/** Flies with one request forced to a worker, and keeps the journal. */
function flyForced(drawn: RandomFlight, forced: DecisionObserver | undefined) {
  const pieces: Uint8Array[] = [];
  const journal = openJournal({ program: 'test' }, (chunk) => void pieces.push(chunk));
  const config = configOf(drawn, 'leap');
  const observer = forced === undefined ? {} : { observer: forced };
  const result = run({ config, seed: 7, ...traceOf(drawn.rows), journal, ...observer });
  return { result, lines: Buffer.concat(pieces).toString('utf8').split('\n') };
}

/** A request of the flight, and the worker that it went to. */
function pickRequest(result: RunResult, pick: number): { request: number; worker: number } {
  const request = pick % result.requests.count;
  return { request, worker: result.requests.worker[request]! };
}

test('to force what the policy chose changes nothing, to the last bit', () => {
  check(fc.tuple(flight, fc.nat()), 60, ([drawn, pick]) => {
    const before = flyRandom(drawn, 'leap');
    const { request, worker } = pickRequest(before, pick);
    // One that was turned away was sent nowhere by any policy.
    if (worker < 0) return;
    const forced = new ForcedChoice(request, worker);
    const { result } = flyForced(drawn, forced);
    expect(forced.chosenTarget).toBe(worker);
    expect(result).toEqual(before);
    const difference = outcomeDifference(before.requests, result.requests, request, 3);
    expect(difference.gained.requests + difference.lost.requests).toBe(0);
    expect(difference.ttft.after).toEqual(difference.ttft.before);
    expect(difference.reusedTokens[0]).toBe(difference.reusedTokens[1]);
  });
});

test('up to the decision both runs are the same, and the request goes where it was sent', () => {
  check(fc.tuple(flight, fc.nat(), fc.nat()), 80, ([drawn, pick, elsewhere]) => {
    const before = flyForced(drawn, undefined);
    const { request, worker } = pickRequest(before.result, pick);
    if (worker < 0) return;
    const observer = new EligibleTargetsObserver([request], MOST_TARGETS);
    flyForced(drawn, observer);
    const eligible = observer.eligible.get(request) ?? [];
    expect(eligible).toContain(worker);
    const other = eligible[elsewhere % eligible.length]!;
    const after = flyForced(drawn, new ForcedChoice(request, other));
    expect(after.result.requests.worker[request]).toBe(other);
    const at = before.lines.findIndex((line) => line.startsWith(`["d",${request},`));
    expect(after.lines.slice(0, at)).toEqual(before.lines.slice(0, at));
    const tables = [before.result.requests, after.result.requests] as const;
    const { gained, lost, unchanged } = outcomeDifference(...tables, request, 100);
    const both = Array.from(tables[0].status.subarray(0, drawn.rows.length)).filter(
      (status, row) => status === 3 && tables[1].status[row] === 3,
    );
    expect(gained.requests + lost.requests + unchanged).toBe(both.length);
    for (const { e2eMs } of gained.top) expect(e2eMs[1]).toBeLessThan(e2eMs[0]!);
    for (const { e2eMs } of lost.top) expect(e2eMs[1]).toBeGreaterThan(e2eMs[0]!);
  });
});
