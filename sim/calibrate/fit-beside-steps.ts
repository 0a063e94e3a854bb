import { InputError } from '#core/base/errors.ts';
import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import { type CrossValidation, crossValidate } from '#core/perf/calibration/cross-validation.ts';
import {
  type ConstantFit,
  fitConstants,
  type Model,
} from '#core/perf/calibration/fit-constants.ts';
import type { StepRow } from '#core/perf/calibration/step-evidence.ts';
import type { RequestRecord } from './recorded-run.ts';

/** What requests tell beside the step records of their own run. */
export const BESIDE_STEPS: readonly ConstantName[] = ['between_passes_ms', 'frontend_ms'];

/** From a moment without requests to the next: what clients saw of it, and the engine's passes in it. */
export interface Stretch {
  /** From the first request sent to the last token received. */
  readonly wallMs: number;
  readonly passMs: number;
  readonly passes: number;
}

/**
 * Cuts a run into stretches. Passes belong to them in order, for their tokens add up: prompt tokens
 * less those cached, and one a pass for each further token. Throws an InputError where they do not.
 */
export function stretchesOf(
  records: readonly RequestRecord[],
  steps: readonly StepRow[],
  file: string,
): Stretch[] {
  const stretches: Stretch[] = [];
  let next = 0;
  for (let from = 0; from < records.length; ) {
    const { end, endMs } = endOfStretch(records, from);
    const inside = records.slice(from, end);
    let tokens = inside.reduce(
      (sum, { isl, osl, cachedTokens = 0 }) => sum + isl - cachedTokens + osl - 1,
      0,
    );
    const first = next;
    let passMs = 0;
    while (tokens > 0 && next < steps.length) {
      const { sums, ms } = steps[next++]!;
      tokens -= sums.prefillTokens + sums.decodeRequests;
      passMs += ms;
    }
    if (tokens !== 0) throw notOneRun(file, from);
    stretches.push({ wallMs: endMs - records[from]!.sentMs, passMs, passes: next - first });
    from = end;
  }
  return stretches;
}

function endOfStretch(
  records: readonly RequestRecord[],
  from: number,
): { readonly end: number; readonly endMs: number } {
  let end = from;
  let endMs = records[from]!.sentMs;
  while (end < records.length && (end === from || records[end]!.sentMs < endMs)) {
    endMs = Math.max(endMs, records[end]!.sentMs + records[end]!.e2eMs);
    end++;
  }
  return { end, endMs };
}

function notOneRun(file: string, request: number): InputError {
  return new InputError('evidence_invalid', 'these requests and steps are not of one run', {
    file,
    path: `request ${request + 1}`,
    remedy: 'their tokens do not add up; give files of one run, or only one of the two',
  });
}

/** Fits what lies between passes and outside the engine: what stretches last beyond their passes. */
export function fitBesideSteps(
  stretches: readonly Stretch[],
  defaults: Constants,
  names: readonly ConstantName[],
): { readonly fit: ConstantFit; readonly errors: CrossValidation } {
  const modelOf =
    (some: readonly Stretch[]): Model =>
    ({ between_passes_ms, frontend_ms }) =>
      Float64Array.from(
        some,
        ({ passMs, passes }) => passMs + between_passes_ms * passes + frontend_ms,
      );
  const fitTo = (some: readonly Stretch[]) =>
    fitConstants(
      modelOf(some),
      some.map(({ wallMs }) => wallMs),
      defaults,
      names,
    );
  const errors = crossValidate(stretches, {
    observed: ({ wallMs }) => wallMs,
    before: (some) => modelOf(some)(defaults),
    after: (others, some) => modelOf(some)(fitTo(others).constants),
  });
  return { fit: fitTo(stretches), errors };
}
