import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import { type CrossValidation, crossValidate } from '#core/perf/calibration/cross-validation.ts';
import {
  type ConstantFit,
  fitConstants,
  type Model,
} from '#core/perf/calibration/fit-constants.ts';
import { figuresOf } from '../estimate/figures.ts';
import { flyPoint } from '../estimate/fly-point.ts';
import type { LoadPoint } from '../estimate/load-point.ts';
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

interface Observation {
  readonly measured: MeasuredPoint;
  readonly of: 'ttft' | 'tpot';
  readonly ms: number;
}

const ROUNDS_OF_A_FOLD = 1;

/**
 * Fits constants to the mean TTFT and TPOT of load points, each flown anew in every trial. A point
 * is left out as a whole. Throws as `fitConstants` does.
 */
export function fitPoints(
  points: readonly MeasuredPoint[],
  defaults: Constants,
  names: readonly ConstantName[],
): { readonly fit: ConstantFit; readonly errors: CrossValidation } {
  const observations = points.flatMap((measured): Observation[] => [
    ...(measured.ttftMs === undefined
      ? []
      : [{ measured, of: 'ttft' as const, ms: measured.ttftMs }]),
    ...(measured.tpotMs === undefined
      ? []
      : [{ measured, of: 'tpot' as const, ms: measured.tpotMs }]),
  ]);
  const ms = (some: readonly Observation[]) => some.map((each) => each.ms);
  const fit = fitConstants(modelOf(observations), ms(observations), defaults, names);
  const near = { constants: fit.constants, rounds: ROUNDS_OF_A_FOLD };
  const fitted = fit.fitted.map(({ name }) => name);
  const errors = crossValidate(observations, {
    observed: (each) => each.ms,
    before: (some) => modelOf(some)(defaults),
    after: (others, some) =>
      modelOf(some)(fitConstants(modelOf(others), ms(others), defaults, fitted, near).constants),
  });
  return { fit, errors };
}

function modelOf(observations: readonly Observation[]): Model {
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
