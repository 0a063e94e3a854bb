import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import type { FitConditions, Model } from '#core/perf/calibration/fit-constants.ts';
import { isPlain, kernelFits } from '#core/perf/kernels/kernel-fits.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
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
  const observations = points.flatMap((measured): PointObservation[] => [
    ...(measured.ttftMs === undefined
      ? []
      : [{ measured, of: 'ttft' as const, ms: measured.ttftMs }]),
    ...(measured.tpotMs === undefined
      ? []
      : [{ measured, of: 'tpot' as const, ms: measured.tpotMs }]),
  ]);
  const conditions = conditionsOn(points[0]!.point.deployment);
  return fitObservations(observations, modelOf, { defaults, names, roundsOfFold: 1, conditions });
}

/** A flight jumps where a request comes just in time for a pass; over so much of a spread it does not. */
const SLOPE_SHARE = 0.5;

/**
 * A few dozen means hold far less than thousands of steps, so that what is known beforehand counts.
 * Where kernels were measured, left-out times of published points are off by 5.7 % in the median,
 * 8 % of a normal spread, and by 20 % on GPUs that are scaled by their data sheets; engines of one
 * kind differ by a few tenths of a millisecond a pass (`core/perf/host`). What points do not tell
 * stays at the default there. A device of which only the data sheet is known has no such default.
 */
function conditionsOn({ gpu, engine }: Deployment): FitConditions {
  if (isPlain(gpu)) return {};
  const efficiency = kernelFits(gpu, engine).provenance === 'fitted' ? 0.08 : 0.3;
  return {
    slopeShare: SLOPE_SHARE,
    holdsUntold: true,
    spreads: {
      host_per_pass_ms: 0.3,
      host_per_request_ms: 0.02,
      compute_efficiency: efficiency,
      memory_efficiency: efficiency,
    },
  };
}

/** Requests a client that tell a mean, and the fewest of a point. */
const REQUESTS_PER_CLIENT = 3;
const LEAST_REQUESTS = 32;

/** Mean latencies in milliseconds, undefined where there are none. */
interface Means {
  readonly ttft: number | undefined;
  readonly tpot: number | undefined;
}

/**
 * The means of a point. A fit flies each dozens of times: a closed loop in mid-flight with as many
 * requests as its means need. Where clients begin together, their first requests wait for each other,
 * and how soon they no longer do decides about mean TTFT: all that were measured are flown.
 */
function meansOf(point: LoadPoint): Means {
  const { load, requests } = point;
  if (load.kind !== 'closed' || load.start === 'together') return meansOfFlight(point);
  const enough = Math.max(LEAST_REQUESTS, REQUESTS_PER_CLIENT * load.concurrency);
  return meansOfFlight({ ...point, requests: Math.min(requests, enough) });
}

function meansOfFlight(point: LoadPoint): Means {
  const { ttftMs, tpotMs } = figuresOf(point, flyPoint(point));
  return { ttft: ttftMs?.mean, tpot: tpotMs?.mean };
}

function modelOf(observations: readonly PointObservation[]): Model {
  return (constants) => {
    const known = new Map<MeasuredPoint, Means>();
    return Float64Array.from(observations, ({ measured, of }) => {
      let means = known.get(measured);
      if (means === undefined) {
        means = meansOf(withConstants(measured.point, constants));
        known.set(measured, means);
      }
      return means[of] ?? Number.MIN_VALUE;
    });
  };
}
