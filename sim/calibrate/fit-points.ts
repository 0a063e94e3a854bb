import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import type { Model } from '#core/perf/calibration/fit-constants.ts';
import { figuresOf } from '../estimate/figures.ts';
import { flyPoint } from '../estimate/fly-point.ts';
import type { LoadPoint } from '../estimate/load-point.ts';
import { fitObservations, type Observation, type ObservedFit } from './fit-observations.ts';
import { withConstants } from './with-constants.ts';

/** What load points tell: what lies between passes is part of a pass, and shapes are warm. */
export const POINT_CONSTANTS: readonly ConstantName[] = [
  'host_per_pass_ms',
  'host_per_request_ms',
  'compute_efficiency',
  'memory_efficiency',
  'frontend_ms',
];

/** A load point and what was measured at it, milliseconds. */
export interface MeasuredPoint {
  readonly point: LoadPoint;
  readonly ttftMs?: number;
  readonly tpotMs?: number;
}

interface PointObservation extends Observation {
  readonly measured: MeasuredPoint;
}

/**
 * Fits constants to the mean TTFT and TPOT of load points, each flown anew in every trial. Throws as
 * `fitConstants` does.
 */
export function fitPoints(
  points: readonly MeasuredPoint[],
  defaults: Constants,
  names: readonly ConstantName[],
): ObservedFit {
  const observations = points
    .map(briefly)
    .flatMap((measured): PointObservation[] => [
      ...(measured.ttftMs === undefined
        ? []
        : [{ measured, of: 'ttft' as const, ms: measured.ttftMs }]),
      ...(measured.tpotMs === undefined
        ? []
        : [{ measured, of: 'tpot' as const, ms: measured.tpotMs }]),
    ]);
  return fitObservations(observations, modelOf, { defaults, names, roundsOfFold: 1 });
}

/** Requests a client that tell a mean, and the fewest of a point. */
const REQUESTS_PER_CLIENT = 3;
const LEAST_REQUESTS = 32;

/** A fit flies each point dozens of times: with as many requests as its means need. */
function briefly(measured: MeasuredPoint): MeasuredPoint {
  const { load, requests } = measured.point;
  if (load.kind !== 'closed') return measured;
  const enough = Math.max(LEAST_REQUESTS, REQUESTS_PER_CLIENT * load.concurrency);
  return { ...measured, point: { ...measured.point, requests: Math.min(requests, enough) } };
}

function modelOf(observations: readonly PointObservation[]): Model {
  return (constants) => {
    const flown = new Map<MeasuredPoint, ReturnType<typeof figuresOf>>();
    return Float64Array.from(observations, ({ measured, of }) => {
      let figures = flown.get(measured);
      if (figures === undefined) {
        const point = withConstants(measured.point, constants);
        figures = figuresOf(point, flyPoint(point));
        flown.set(measured, figures);
      }
      return (of === 'ttft' ? figures.ttftMs : figures.tpotMs)?.mean ?? Number.MIN_VALUE;
    });
  };
}
