import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import { type CrossValidation, crossValidate } from '#core/perf/calibration/cross-validation.ts';
import {
  type ConstantFit,
  type FitConditions,
  fitConstants,
  type Model,
} from '#core/perf/calibration/fit-constants.ts';

/** A time that somebody measured, in milliseconds. */
export interface Observation {
  readonly of: 'ttft' | 'tpot';
  readonly ms: number;
}

/** A fit, and the errors of observations that were left out of one. */
export interface ObservedFit {
  readonly fit: ConstantFit;
  readonly errors: CrossValidation;
}

/** What is fitted, from where, and by how many rounds each fold. */
export interface FitRequest {
  readonly defaults: Constants;
  readonly names: readonly ConstantName[];
  /** A fit to the others of a fold begins at the fit to all, and needs little more. */
  readonly roundsOfFold: number;
  readonly conditions?: FitConditions;
}

/**
 * Fits constants to observed times with the scheduler in the loop: `modelOf` predicts some of the
 * observations by flying them. Throws as `fitConstants` does.
 */
export function fitObservations<Observed extends Observation>(
  observations: readonly Observed[],
  modelOf: (some: readonly Observed[]) => Model,
  { defaults, names, roundsOfFold, conditions }: FitRequest,
): ObservedFit {
  const ms = (some: readonly Observed[]) => some.map((each) => each.ms);
  const kinds = (some: readonly Observed[]) =>
    Uint8Array.from(some, (each) => (each.of === 'ttft' ? 0 : 1));
  const fit = fitConstants(modelOf(observations), ms(observations), defaults, names, {
    ...conditions,
    kinds: kinds(observations),
  });
  const near = { constants: fit.constants, rounds: roundsOfFold };
  const inFold = { ...conditions, near };
  const fitted = fit.fitted.map(({ name }) => name);
  const errors = crossValidate(observations, {
    observed: (each) => each.ms,
    kindOf: (each) => each.of,
    before: (some) => modelOf(some)(defaults),
    after: (others, some) =>
      modelOf(some)(
        fitConstants(modelOf(others), ms(others), defaults, fitted, {
          ...inFold,
          kinds: kinds(others),
        }).constants,
      ),
  });
  return { fit, errors };
}
