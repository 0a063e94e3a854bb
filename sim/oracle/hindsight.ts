import { ForcedChoice } from '../fork/forced-choice.ts';
import { ttftMs } from '../report/latency.ts';
import type { RunResult } from '../report/run-result.ts';

/** One request, sent to every worker in turn while all else is as it was. */
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
 * that request forced to each other worker. `count` requests are taken, evenly over those that got
 * a first token. Costs `count · (targets − 1)` runs.
 */
export function hindsightChoices(
  run: RunResult,
  targets: number,
  count: number,
  fly: (observer: ForcedChoice) => RunResult,
): readonly HindsightChoice[] {
  const { requests } = run;
  const served = Array.from({ length: requests.count }, (_, row) => row).filter(
    (row) => requests.worker[row]! >= 0 && !Number.isNaN(ttftMs(requests, row)),
  );
  const taken = Math.min(count, served.length);
  return Array.from({ length: taken }, (_, index) => {
    const row = served[Math.floor(((index + 0.5) * served.length) / taken)]!;
    const worker = requests.worker[row]!;
    let best = { worker, ttftMs: ttftMs(requests, row) };
    for (let other = 0; other < targets; other++) {
      if (other === worker) continue;
      const forked = ttftMs(fly(new ForcedChoice(row, other)).requests, row);
      if (forked < best.ttftMs) best = { worker: other, ttftMs: forked };
    }
    return {
      request: row,
      worker,
      bestWorker: best.worker,
      ttftMs: ttftMs(requests, row),
      bestTtftMs: best.ttftMs,
    };
  });
}
