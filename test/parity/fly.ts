import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { type OurRow, rowsOf } from './rows.ts';
import { summaryOf } from './summary.ts';
import type { Flight } from './translate.ts';

/** What we print for a case, in the peer's words. */
export interface Outcome {
  readonly summary: Readonly<Record<string, number>>;
  /** Requests that ended, in the order in which goldens list them. */
  readonly rows: readonly OurRow[];
  readonly result: RunResult;
}

/** Flies a case once. */
export function fly(flight: Flight, seed: number): Outcome {
  const { config, trace } = flight;
  const { batches, hasContent, resendsOutput, sessions } = trace;
  const result = run({ config, seed, batches, hasContent, resendsOutput, sessions });
  return { summary: summaryOf(flight, result, seed), rows: rowsOf(result), result };
}
