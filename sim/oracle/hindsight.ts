import type { DecisionObserver } from '#core/router/decision-observer.ts';
import { EligibleTargetsObserver } from '../fork/eligible-targets.ts';
import { ForcedChoice } from '../fork/forced-choice.ts';
import { ttftMs } from '../report/latency.ts';
import type { RunResult } from '../report/run-result.ts';
import { firstAttemptOf } from '../workload/attempts.ts';

/** One request, sent to every worker that it may go to in turn while all else is as it was. */
export interface HindsightChoice {
  readonly request: number;
  /** Where the run sent it, and where its TTFT would have been least. */
  readonly worker: number;
  readonly bestWorker: number;
  readonly ttftMs: number;
  readonly bestTtftMs: number;
}

/**
 * The best single placement of some requests in hindsight: for each, the run is flown again with
 * that request forced to each other worker that was eligible for it. `count` requests are taken,
 * evenly over those that got a first token. Costs at most `1 + count · (targets − 1)` runs, none
 * where `count` is 0.
 */
export function hindsightChoices(
  run: RunResult,
  targets: number,
  count: number,
  fly: (observer: DecisionObserver) => RunResult,
): readonly HindsightChoice[] {
  const taken = takeServed(run, count);
  if (taken.length === 0) return [];
  const observer = new EligibleTargetsObserver(taken, targets);
  fly(observer);
  return taken.map((row) => bestOf(run, row, observer.eligible.get(row) ?? [], fly));
}

/** Some of the requests that got a first token, evenly over all of them. */
function takeServed({ requests }: RunResult, count: number): readonly number[] {
  const served = Array.from({ length: requests.count }, (_, row) => row).filter(
    (row) =>
      requests.worker[row]! >= 0 &&
      firstAttemptOf(requests, row) === row &&
      !Number.isNaN(ttftMs(requests, row)),
  );
  const taken = Math.min(count, served.length);
  return Array.from(
    { length: taken },
    (_, index) => served[Math.floor(((index + 0.5) * served.length) / taken)]!,
  );
}

function bestOf(
  { requests }: RunResult,
  row: number,
  eligible: readonly number[],
  fly: (observer: DecisionObserver) => RunResult,
): HindsightChoice {
  const worker = requests.worker[row]!;
  const own = ttftMs(requests, row);
  let best = { worker, ttftMs: own };
  for (const other of eligible) {
    if (other === worker) continue;
    const forked = ttftMs(fly(new ForcedChoice(row, other)).requests, row);
    if (forked < best.ttftMs) best = { worker: other, ttftMs: forked };
  }
  return {
    request: row,
    worker,
    bestWorker: best.worker,
    ttftMs: own,
    bestTtftMs: best.ttftMs,
  };
}
