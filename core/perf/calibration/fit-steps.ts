import type { Deployment } from '../pass/deployment.ts';
import { ForwardPass } from '../pass/forward-pass.ts';
import { type ConstantName, type Constants, calibratedGpu } from './constants.ts';
import { type CrossValidation, crossValidate } from './cross-validation.ts';
import { type ConstantFit, fitConstants, type Model } from './fit-constants.ts';
import type { StepRow } from './step-evidence.ts';

/** What step times speak of. */
export const STEP_CONSTANTS: readonly ConstantName[] = [
  'host_per_pass_ms',
  'host_per_request_ms',
  'compute_efficiency',
  'memory_efficiency',
  'new_shape_us_per_token',
];

/** How long each of some passes takes under given constants, without what lies between passes. */
export function stepModel(deployment: Deployment, rows: readonly StepRow[]): Model {
  return (constants) => {
    const gpu = calibratedGpu(deployment.gpu, constants);
    const pass = new ForwardPass({ ...deployment, gpu });
    const { host_per_pass_ms, host_per_request_ms, new_shape_us_per_token } = constants;
    return Float64Array.from(rows, ({ sums, firstOfSize }) => {
      const requests = sums.prefillRequests + sums.decodeRequests;
      const prepared =
        firstOfSize && sums.prefillRequests > 0 ? sums.prefillTokens + sums.decodeRequests : 0;
      const ms = pass.ms(sums) + host_per_pass_ms + host_per_request_ms * requests;
      return ms + (new_shape_us_per_token * prepared) / 1000;
    });
  };
}

/** Fits what steps tell, and says how far it is off on steps that it was not fitted to. */
export function fitSteps(
  deployment: Deployment,
  rows: readonly StepRow[],
  defaults: Constants,
  names: readonly ConstantName[],
): { readonly fit: ConstantFit; readonly errors: CrossValidation } {
  const fitTo = (some: readonly StepRow[]) =>
    fitConstants(
      stepModel(deployment, some),
      some.map(({ ms }) => ms),
      defaults,
      names,
    );
  const fit = fitTo(rows);
  const errors = crossValidate(rows, {
    observed: ({ ms }) => ms,
    before: (some) => stepModel(deployment, some)(defaults),
    after: (others, some) => stepModel(deployment, some)(fitTo(others).constants),
  });
  return { fit, errors };
}
