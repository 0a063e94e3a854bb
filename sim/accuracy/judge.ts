import { WindtunnelError } from '#core/base/errors.ts';
import { eraOf, type HostFacts, hostTime } from '#core/perf/host/host-time.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { promptSums } from '#core/perf/pass/pass-sums.ts';
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
import { hostEvidenceOf } from './host-fit.ts';
import { measuredSaturated, tellsTtft, waits } from './saturation.ts';
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
  readonly saturated: boolean;
  readonly measuredSaturated?: boolean;
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
  readonly first: Estimate;
  readonly measured: Truth;
  readonly measuredSaturated: boolean | undefined;
}

type Base = Omit<JudgedPoint, 'error' | 'answer'>;

/**
 * Predicts every row and compares. Each row is flown with the shipped constants of its engine's
 * host first; from all rows but a group the constants are fitted anew, and with these the rows of
 * the group are flown again: once without its GPU class, once without its family of models.
 * `onFlight` is told of every flight.
 */
export function judge(
  rows: readonly MeasuredRow[],
  seed: number,
  onFlight: (done: number, total: number) => void = () => undefined,
): Judgement {
  const total = rows.length * (1 + GROUPINGS.length);
  let done = 0;
  const flights = rows.map((row) => {
    onFlight(++done, total);
    return flyRow(row, seed);
  });
  const evidence = flights.flatMap((flown) => evidenceOf(flown));
  const constants = new LeftOutConstants(evidence);
  const points = flights.map((flown, index) => {
    const base = describe(rows[index]!);
    done += GROUPINGS.length;
    onFlight(done, total);
    return 'code' in flown
      ? { ...base, error: flown }
      : { ...base, answer: answerOf(flown, base, constants) };
  });
  return { points, eras: fitEras(evidence.map((each) => each.evidence)) };
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

function flyRow(
  row: MeasuredRow,
  seed: number,
): Flown | { readonly code: string; readonly message: string } {
  try {
    const point = pointOfRow(row, seed);
    const { deployment } = point;
    const pass = new ForwardPass(deployment);
    const measured = truthOf(row);
    return {
      row,
      point,
      facts: hostFactsOf(row, deployment),
      pass,
      first: estimate(point, pass),
      measured,
      measuredSaturated: measuredSaturated(row, measured, point, prefillMs(point, pass)),
    };
  } catch (error) {
    if (!(error instanceof WindtunnelError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** Of one prompt of mean length, alone. */
function prefillMs({ isl }: LoadPoint, pass: ForwardPass): number {
  return pass.ms(promptSums(Math.round(meanLength(isl))));
}

/** Suspect rows are evidence of nothing, nor are bursts, whose batch changes all the time. */
function evidenceOf(flown: ReturnType<typeof flyRow>): GroupedEvidence[] {
  if ('code' in flown || suspicionOf(flown.row) !== undefined) return [];
  const { row, facts, first, measured, point } = flown;
  if (point.load.kind === 'burst' && row.workload.kind === 'burst') return [];
  const evidence = hostEvidenceOf({
    era: eraOf(facts),
    facts,
    measured,
    predicted: truthOfEstimate(first),
    running: first.running_requests,
    meanOutput: meanLength(point.osl),
    saturated: !tellsTtft(row.workload, flown.measuredSaturated),
  });
  return [{ gpuClass: gpuClassOf(row), modelFamily: modelFamilyOf(row), evidence }];
}

function answerOf(flown: Flown, base: Base, constants: LeftOutConstants): JudgedAnswer {
  const { point, facts, pass, first, measured } = flown;
  const era = eraOf(facts);
  const shipped = truthOfEstimate(first);
  const flyWith = (grouping: Grouping): Truth => {
    const host = hostTime(facts, constants.without(grouping, base, era, facts));
    return truthOfEstimate(estimate({ ...point, host }, pass));
  };
  const leftOut = { gpuClass: flyWith('gpuClass'), modelFamily: flyWith('modelFamily') };
  return {
    shipped,
    leftOut,
    errors: {
      gpuClass: errorsOf(leftOut.gpuClass, measured),
      modelFamily: errorsOf(leftOut.modelFamily, measured),
    },
    shippedErrors: errorsOf(shipped, measured),
    saturated: first.saturated || waits(shipped, point, prefillMs(point, pass)),
    ...(flown.measuredSaturated !== undefined && { measuredSaturated: flown.measuredSaturated }),
    provenance: first.provenance.kind,
    binds: first.binds,
    running: first.running_requests,
  };
}

function truthOfEstimate({ tpot_ms, ttft_ms, e2e_ms, output_throughput_tok_s }: Estimate): Truth {
  return {
    ...(tpot_ms && { tpotMs: tpot_ms.mean }),
    ...(ttft_ms && { ttftMs: ttft_ms.mean }),
    ...(e2e_ms && { e2eMs: e2e_ms.mean }),
    outputTokensPerS: output_throughput_tok_s,
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
