import { fly, type Outcome } from './fly.ts';
import { type Golden, isSpread } from './golden.ts';
import { judgeBands } from './judge/band-summary.ts';
import { judgeDefect } from './judge/defect.ts';
import { judgeExactSummary, unreported } from './judge/exact-summary.ts';
import { judgeLeap } from './judge/leap.ts';
import { judgeArrivals } from './judge/random-arrivals.ts';
import { recordedRows } from './judge/recorded-rows.ts';
import { withFurtherRuns } from './judge/remeasured.ts';
import { judgeRows, type RowsVerdict } from './judge/request-rows.ts';
import { isSaturated } from './judge/saturated.ts';
import { configOf, type Flight, notYetFlown, type Stepping, traceOf } from './translate.ts';
import type { CaseKind, Flown, Verdict } from './verdict.ts';

export interface JudgeOptions {
  /** Folder that relative trace paths are taken from. */
  readonly tracesFolder: string;
  /** Runs of ours that a statistical case is judged by. */
  readonly seeds: number;
}

/** A golden and the file that it came from. */
export interface Case {
  readonly file: string;
  readonly golden: Golden;
}

/** Draws of the arrival process: enough that three standard errors are a few percent. */
const ARRIVAL_SEEDS = 1000;

type Judged = Pick<Flown, 'checks' | 'fieldsCompared' | 'fieldsBeyond' | 'leap' | 'unreported'>;

/** The ways of flying one case. */
interface Plan {
  readonly case: Case;
  readonly flightOf: (stepping: Stepping) => Flight;
  readonly seeds: number;
  readonly saturated: boolean;
}

/**
 * Flies a case through Windtunnel and judges it by its kind.
 *
 * @throws InputError when the case's traffic cannot be read
 */
export async function judgeCase(given: Case, options: JudgeOptions): Promise<Verdict> {
  const { file, golden } = given;
  const { name, input, expect } = golden;
  const reason = notYetFlown(input);
  if (reason !== undefined) return { status: 'not-flown', name, file, reason };
  const trace = await traceOf(input, options.tracesFolder);
  const kind = kindOf(golden);
  const saturated = isSaturated(expect.summary ?? {});
  const flightOf = (stepping: Stepping): Flight => ({ config: configOf(input, stepping), trace });
  const plan: Plan = { case: given, flightOf, seeds: options.seeds, saturated };
  const head = { name, file, kind, saturated };
  try {
    const judged = JUDGES[kind](plan);
    const checks = [...judged.checks, ...judged.fieldsBeyond];
    const ok = checks.every((check) => check.ok) && judged.leap?.held !== 'neither';
    return { status: ok ? 'equal' : 'beyond', ...head, ...judged, error: undefined };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 'beyond', ...head, ...NOTHING, error: text };
  }
}

const NOTHING: Judged = {
  checks: [],
  fieldsCompared: 0,
  fieldsBeyond: [],
  leap: undefined,
  unreported: [],
};

const JUDGES: Readonly<Record<CaseKind, (plan: Plan) => Judged>> = {
  exact: judgeExactCase,
  statistical: judgeStatisticalCase,
  defect: (plan) => ({
    ...NOTHING,
    checks: judgeDefect(fly(plan.flightOf('exact'), 1).result.requests),
  }),
  arrivals: judgeArrivalCase,
};

function kindOf({ input, expect }: Golden): CaseKind {
  if (expect.error !== undefined) return 'defect';
  if (input.synthetic?.request_rate !== undefined) return 'arrivals';
  return Object.values(expect.summary ?? {}).some(isSpread) ? 'statistical' : 'exact';
}

function judgeExactCase({ case: { file, golden }, flightOf }: Plan): Judged {
  const exact = fly(flightOf('exact'), 1);
  const theirs = golden.expect.summary ?? {};
  const rows = judgeRowsOf(file, golden, exact);
  return {
    checks: judgeExactSummary(theirs, exact.summary),
    fieldsCompared: rows.compared,
    fieldsBeyond: rows.differences,
    leap: judgeLeap(exact, fly(flightOf('leap'), 1)),
    unreported: unreported(theirs, exact.summary),
  };
}

function judgeRowsOf(file: string, { input, expect }: Golden, ours: Outcome): RowsVerdict {
  const rows = expect.requests ?? recordedRows(file);
  if (rows === undefined) return { compared: 0, differences: [] };
  return judgeRows(rows, ours.rows, input.router_mode === 'kv_router');
}

function judgeStatisticalCase({ case: { golden }, flightOf, seeds, saturated }: Plan): Judged {
  const flight = flightOf('exact');
  const first = fly(flight, 1);
  const summaries = [first.summary];
  for (let seed = 2; seed <= seeds; seed++) summaries.push(fly(flight, seed).summary);
  const runs = golden.runs ?? 1;
  const theirs = withFurtherRuns(golden.name, golden.expect.summary ?? {}, runs);
  return {
    ...NOTHING,
    checks: judgeBands(theirs, summaries, { runs, saturated }),
    leap: judgeLeap(first, fly(flightOf('leap'), 1)),
    unreported: unreported(theirs, first.summary),
  };
}

function judgeArrivalCase({ case: { golden }, flightOf }: Plan): Judged {
  const shape = golden.input.synthetic!;
  const flight = flightOf('exact');
  const runs: number[][] = [];
  for (let seed = 1; seed <= ARRIVAL_SEEDS; seed++) {
    runs.push(fly(flight, seed).rows.map((row) => Number(row.arrival_time_ms)));
  }
  const checks = judgeArrivals(runs, shape.request_rate!, shape.request_count!);
  return { ...NOTHING, checks };
}
