import { WindtunnelError } from '#core/base/errors.ts';
import { eraOf, type HostConstants, type HostFacts, hostTime } from '#core/perf/host/host-time.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { type Estimate, estimate } from '../estimate/estimate.ts';
import { meanLength } from '../estimate/lengths.ts';
import type { LoadPoint } from '../estimate/load-point.ts';
import type { MeasuredRow } from '../estimate/measured/measured-row.ts';
import { hostFactsOf, pointOfRow } from '../estimate/measured/point-of-row.ts';
import {
  type EraFit,
  fitEras,
  GROUPINGS,
  type GroupedEvidence,
  type Grouping,
  LeftOutConstants,
} from './fold.ts';
import { gpuClassOf, modelFamilyOf } from './groups.ts';
import { hostEvidenceOf, NEUTRAL } from './host-fit.ts';
import { type Seen, saturations, tellsTtft } from './saturation.ts';
import { suspicionOf } from './suspect.ts';
import { SCORED, type ScoredMetric, type Truth, truthOf } from './truth.ts';

/** A measured point and what is predicted of it. */
export interface JudgedPoint {
  readonly row: MeasuredRow;
  readonly gpuClass: string;
  readonly modelFamily: string;
  readonly measured: Truth;
  /** Why the row counts for no headline, where it does not. */
  readonly suspect?: string;
  /** Why there is no prediction. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly answer?: JudgedAnswer;
}

/** The predictions of a point. */
export interface JudgedAnswer {
  readonly shipped: Truth;
  /** With constants fitted without the point's GPU class, and without its family of models. */
  readonly leftOut: Readonly<Record<Grouping, Truth>>;
  readonly errors: Readonly<Record<Grouping, Errors>>;
  readonly shippedErrors: Errors;
  /** By what its clients would see in each left-out flight; undefined as `saturations` says. */
  readonly saturated: Readonly<Record<Grouping, boolean | undefined>>;
  readonly measuredSaturated: boolean | undefined;
  readonly provenance: string;
  readonly binds: string;
  readonly running: number;
}

/** Relative errors, prediction ÷ measurement − 1, of what was both measured and predicted. */
export type Errors = Partial<Readonly<Record<ScoredMetric, number>>>;

/** All points, in the order of the rows, and what was fitted. */
export interface Judgement {
  readonly points: readonly JudgedPoint[];
  readonly eras: readonly EraFit[];
}

interface Flown {
  readonly row: MeasuredRow;
  readonly point: LoadPoint;
  readonly facts: HostFacts;
  readonly pass: ForwardPass;
  readonly shipped: Estimate;
  /** With constants of an engine of which nothing is known. */
  readonly neutral: Estimate;
  readonly measured: Truth;
}

interface Failure {
  readonly code: string;
  readonly message: string;
}

type Base = Omit<JudgedPoint, 'error' | 'answer'>;

/** Of each row: with the shipped constants, with neutral ones, and without each of its groups. */
const FLIGHTS = 2 + GROUPINGS.length;

/**
 * Predicts every row and compares. Each row is flown with constants of which nothing is known; from
 * what all rows but a group measured beside that the constants are fitted, and once more from
 * flights of the same rows with what came of it; with these the rows of the group are flown: once
 * without its GPU class, once without its family of models. Flights with the shipped constants stand
 * beside them and have no part in any of it. `onFlight` is told of every flight but those that
 * constants are fitted to a second time.
 */
export function judge(
  rows: readonly MeasuredRow[],
  seed: number,
  onFlight: (done: number, total: number) => void = () => undefined,
): Judgement {
  const total = rows.length * FLIGHTS;
  let done = 0;
  const flights = rows.map((row) => {
    done += FLIGHTS - GROUPINGS.length;
    onFlight(done, total);
    return flyRow(row, seed);
  });
  const waited = verdicts(flights, ({ measured }) => measured);
  const evidence = flights.flatMap((flown, index) => evidenceOf(flown, waited[index]));
  const constants = new LeftOutConstants(evidence);
  const bases = rows.map(describe);
  const leftOut = flights.map((flown, index) => {
    done += GROUPINGS.length;
    onFlight(done, total);
    return 'code' in flown ? undefined : flyLeftOut(flown, bases[index]!, constants);
  });
  const saturated = GROUPINGS.map((grouping) =>
    verdicts(flights, (_, index) => leftOut[index]![grouping]),
  );
  const points = flights.map((flown, index): JudgedPoint => {
    const base = bases[index]!;
    if ('code' in flown) return { ...base, error: flown };
    const [gpuClass, modelFamily] = saturated.map((each) => each[index]);
    const answer = answerOf(flown, leftOut[index]!);
    return {
      ...base,
      answer: { ...answer, saturated: { gpuClass, modelFamily }, measuredSaturated: waited[index] },
    };
  });
  return { points, eras: fitEras(evidence) };
}

/** Whether each flight that counts is saturated by what `truthAt` says its clients saw. */
function verdicts(
  flights: readonly (Flown | Failure)[],
  truthAt: (flown: Flown, index: number) => Truth,
): (boolean | undefined)[] {
  const places: number[] = [];
  const seen: Seen[] = [];
  flights.forEach((flown, index) => {
    if ('code' in flown || suspicionOf(flown.row) !== undefined) return;
    const { row, point } = flown;
    places.push(index);
    seen.push({ row, truth: truthAt(flown, index), meanOutput: meanLength(point.osl) });
  });
  const out = flights.map((): boolean | undefined => undefined);
  saturations(seen).forEach((verdict, at) => {
    out[places[at]!] = verdict;
  });
  return out;
}

function describe(row: MeasuredRow): Base {
  const suspect = suspicionOf(row);
  return {
    row,
    gpuClass: gpuClassOf(row),
    modelFamily: modelFamilyOf(row),
    measured: truthOf(row),
    ...(suspect !== undefined && { suspect }),
  };
}

function flyRow(row: MeasuredRow, seed: number): Flown | Failure {
  try {
    const point = pointOfRow(row, seed);
    const { deployment } = point;
    const pass = new ForwardPass(deployment);
    const facts = hostFactsOf(row, deployment);
    return {
      row,
      point,
      facts,
      pass,
      shipped: estimate(point, pass),
      neutral: estimate({ ...point, host: hostTime(facts, NEUTRAL) }, pass),
      measured: truthOf(row),
    };
  } catch (error) {
    if (!(error instanceof WindtunnelError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** Suspect rows are evidence of nothing, nor are bursts, whose batch changes all the time. */
function evidenceOf(flown: Flown | Failure, waited: boolean | undefined): GroupedEvidence[] {
  if ('code' in flown || suspicionOf(flown.row) !== undefined) return [];
  const { row, facts, neutral, measured, point, pass } = flown;
  if (point.load.kind === 'burst' && row.workload.kind === 'burst') return [];
  const saidBy = (estimated: Estimate, constants: HostConstants) =>
    hostEvidenceOf({
      era: eraOf(facts),
      facts,
      measured,
      constants,
      predicted: truthOfEstimate(estimated),
      running: estimated.running_requests,
      meanOutput: meanLength(point.osl),
      saturated: !tellsTtft(row.workload, waited),
    });
  return [
    {
      gpuClass: gpuClassOf(row),
      modelFamily: modelFamilyOf(row),
      evidence: saidBy(neutral, NEUTRAL),
      flownWith: (constants) =>
        saidBy(estimate({ ...point, host: hostTime(facts, constants) }, pass), constants),
    },
  ];
}

function flyLeftOut(
  { point, facts, pass }: Flown,
  base: Base,
  constants: LeftOutConstants,
): Readonly<Record<Grouping, Truth>> {
  const flyWith = (grouping: Grouping): Truth => {
    const host = hostTime(facts, constants.without(grouping, base, eraOf(facts), facts));
    return truthOfEstimate(estimate({ ...point, host }, pass));
  };
  return { gpuClass: flyWith('gpuClass'), modelFamily: flyWith('modelFamily') };
}

function answerOf(
  { shipped: first, measured }: Flown,
  leftOut: Readonly<Record<Grouping, Truth>>,
): Omit<JudgedAnswer, 'saturated' | 'measuredSaturated'> {
  const shipped = truthOfEstimate(first);
  return {
    shipped,
    leftOut,
    errors: {
      gpuClass: errorsOf(leftOut.gpuClass, measured),
      modelFamily: errorsOf(leftOut.modelFamily, measured),
    },
    shippedErrors: errorsOf(shipped, measured),
    provenance: first.provenance.kind,
    binds: first.binds,
    running: first.running_requests,
  };
}

function truthOfEstimate(estimated: Estimate): Truth {
  const { tpot_ms, ttft_ms, e2e_ms } = estimated;
  return {
    ...(tpot_ms && { tpotMs: tpot_ms.mean }),
    ...(ttft_ms && { ttftMs: ttft_ms.mean }),
    ...(e2e_ms && { e2eMs: e2e_ms.mean }),
    outputTokensPerS: estimated.output_throughput_tok_s,
    requestsPerS: estimated.request_throughput_rps,
  };
}

/** Prediction ÷ measurement − 1, of what was both measured and predicted. */
function errorsOf(predicted: Truth, measured: Truth): Errors {
  const errors: Partial<Record<ScoredMetric, number>> = {};
  for (const metric of SCORED) {
    const said = predicted[metric];
    const was = measured[metric];
    if (said !== undefined && was !== undefined) errors[metric] = said / was - 1;
  }
  return errors;
}
