import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import { type CrossValidation, crossValidate } from '#core/perf/calibration/cross-validation.ts';
import {
  type ConstantFit,
  fitConstants,
  type Model,
} from '#core/perf/calibration/fit-constants.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { flyRecorded, type RecordedServer } from './fly-recorded.ts';
import type { RecordedRun, RequestRecord } from './recorded-run.ts';

/** What requests tell alone: what lies between passes is then part of a pass. */
export const REQUESTS_ALONE: readonly ConstantName[] = [
  'host_per_pass_ms',
  'host_per_request_ms',
  'compute_efficiency',
  'memory_efficiency',
  'new_shape_us_per_token',
  'frontend_ms',
];

/** A fit to others of a fold begins at the fit to all, and needs little more. */
const ROUNDS_OF_A_FOLD = 2;

/** One observed time of a request. */
interface Observation {
  readonly request: number;
  readonly of: 'ttft' | 'tpot';
  readonly ms: number;
}

function observationsOf(records: readonly RequestRecord[]): Observation[] {
  const ofAll = records.flatMap(({ ttftMs, e2eMs, osl }, request): Observation[] => [
    { request, of: 'ttft', ms: ttftMs },
    ...(osl > 1 ? [{ request, of: 'tpot', ms: (e2eMs - ttftMs) / (osl - 1) } as const] : []),
  ]);
  return ofAll.filter(({ ms }) => ms > 0);
}

/**
 * Fits constants to what clients saw, TTFT and TPOT of each request, with the scheduler in the loop:
 * every trial flies the recording anew. Errors are of requests that were left out of the fit, though
 * flown. Throws as `fitConstants` does.
 */
export function fitRecorded(
  deployment: Deployment,
  server: RecordedServer,
  run: RecordedRun,
  defaults: Constants,
  names: readonly ConstantName[],
): { readonly fit: ConstantFit; readonly errors: CrossValidation } {
  const observations = observationsOf(run.records);
  const modelOf = (some: readonly Observation[]): Model => {
    return (constants) => {
      const { ttftMs, tpotMs } = flyRecorded(deployment, server, constants, run);
      return Float64Array.from(some, ({ request, of }) =>
        of === 'ttft' ? ttftMs[request]! : tpotMs[request]!,
      );
    };
  };
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
