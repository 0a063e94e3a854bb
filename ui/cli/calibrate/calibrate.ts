import { InputError } from '#core/base/errors.ts';
import {
  CALIBRATION_VERSION,
  type CalibratedRange,
  type Calibration,
  describeDeployment,
  type Evidence,
} from '#core/perf/calibration/calibration-file.ts';
import {
  type ConstantName,
  type Constants,
  defaultConstants,
} from '#core/perf/calibration/constants.ts';
import type { CrossValidation } from '#core/perf/calibration/cross-validation.ts';
import type { ConstantFit } from '#core/perf/calibration/fit-constants.ts';
import { fitSteps, STEP_CONSTANTS } from '#core/perf/calibration/fit-steps.ts';
import type { StepRow } from '#core/perf/calibration/step-evidence.ts';
import { hostTime } from '#core/perf/host/host-time.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { BESIDE_STEPS, fitBesideSteps, stretchesOf } from '#sim/calibrate/fit-beside-steps.ts';
import { fitPoints, POINT_CONSTANTS } from '#sim/calibrate/fit-points.ts';
import { fitRecorded, REQUESTS_ALONE } from '#sim/calibrate/fit-recorded.ts';
import type { RecordedRun } from '#sim/calibrate/recorded-run.ts';
import { readRun, readSteps, refuseFolder, requestsBeside } from './evidence.ts';
import { readPoints } from './read-points.ts';
import { type ServerFlags, serverOf } from './server.ts';

/** What shall be calibrated, and to which files. */
export interface CalibrationRequest extends ServerFlags {
  readonly deployment: Deployment;
  readonly engineVersion?: string;
  readonly fromSteps?: string;
  readonly fromRequests?: string;
  readonly fromPoints?: string;
  readonly keep: readonly ConstantName[];
  /** Is told what was left out of the evidence, a line each. */
  readonly onLeftOut?: (line: string) => void;
}

interface Progress {
  constants: Constants;
  range: CalibratedRange | undefined;
  readonly deviations: Partial<Record<ConstantName, number>>;
  readonly evidence: Evidence[];
}

/**
 * Fits constants to the evidence, steps first and what they do not tell after them. Throws an
 * InputError with code `calibration_unidentified` where evidence does not tell a constant.
 */
export function calibrate(request: CalibrationRequest): Calibration {
  const { deployment, engineVersion, fromSteps, fromRequests, fromPoints } = request;
  if (fromSteps !== undefined) refuseFolder('--from-steps', fromSteps);
  if (fromRequests !== undefined) refuseFolder('--from-requests', fromRequests);
  const host = hostTime({
    engine: deployment.engine,
    ...(engineVersion !== undefined && { version: engineVersion }),
    samples: false,
    layers: deployment.model.layers,
    tensorParallel: deployment.tensorParallel,
  });
  const progress: Progress = {
    constants: defaultConstants(host),
    range: undefined,
    deviations: {},
    evidence: [],
  };
  const requestsPath = fromRequests ?? (fromSteps && requestsBeside(fromSteps));
  const run = requestsPath === undefined ? undefined : readRun(requestsPath);
  if (fromSteps !== undefined) fitToSteps(progress, request, fromSteps, run);
  if (run !== undefined && fromSteps === undefined) {
    refuseFew(run.records.length, run.file);
    const server = serverOf(request, run, deployment);
    const names = wanted(REQUESTS_ALONE, request);
    const found = fitRecorded(deployment, server, run, progress.constants, names);
    take(progress, found, { kind: 'requests', file: run.file, records: run.records.length });
  }
  if (fromPoints !== undefined) {
    const { points, leftOut } = readPoints(fromPoints, deployment);
    if (leftOut !== undefined) request.onLeftOut?.(leftOut);
    const known = Object.keys(progress.deviations);
    const names = wanted(POINT_CONSTANTS, request).filter((name) => !known.includes(name));
    const found = fitPoints(points, progress.constants, names);
    take(progress, found, { kind: 'points', file: fromPoints, records: points.length });
  }
  const { constants, range, deviations, evidence } = progress;
  return {
    version: CALIBRATION_VERSION,
    deployment: describeDeployment(deployment),
    constants,
    deviations,
    evidence,
    ...(range !== undefined && { range }),
  };
}

/** Steps, and beside them the requests of their run where they are known. */
function fitToSteps(
  progress: Progress,
  request: CalibrationRequest,
  file: string,
  run: RecordedRun | undefined,
): void {
  const { deployment } = request;
  const steps = readSteps(file, { ...run?.server, ...serverOf(request) });
  refuseFew(steps.length, file);
  progress.range = rangeOf(steps);
  const found = fitSteps(deployment, steps, progress.constants, wanted(STEP_CONSTANTS, request));
  take(progress, found, { kind: 'steps', file, records: steps.length });
  if (run === undefined) return;
  const stretches = stretchesOf(run.records, steps, run.file);
  const beside = fitBesideSteps(stretches, progress.constants, wanted(BESIDE_STEPS, request));
  take(progress, beside, { kind: 'stretches', file: run.file, records: stretches.length });
}

function wanted(
  names: readonly ConstantName[],
  { keep }: Pick<CalibrationRequest, 'keep'>,
): readonly ConstantName[] {
  return names.filter((name) => !keep.includes(name));
}

function take(
  progress: Progress,
  { fit, errors }: { readonly fit: ConstantFit; readonly errors: CrossValidation },
  source: Pick<Evidence, 'kind' | 'file' | 'records'>,
): void {
  progress.constants = fit.constants;
  for (const { name, deviation } of fit.fitted) progress.deviations[name] = deviation;
  progress.evidence.push({ ...source, fitted: fit.fitted.map(({ name }) => name), errors });
}

/** Fewer records than this say nothing of those that were left out. */
const FEWEST = 20;

function refuseFew(records: number, file: string): void {
  if (records >= FEWEST) return;
  throw new InputError('calibration_unidentified', 'too few records to fit to', {
    file,
    received: records,
    allowed: `at least ${FEWEST}`,
  });
}

function rangeOf(steps: readonly StepRow[]): CalibratedRange {
  const most = (of: (row: StepRow) => number) =>
    steps.reduce((max, row) => Math.max(max, of(row)), 0);
  return {
    prefill_tokens: most(({ sums }) => sums.prefillTokens),
    decode_requests: most(({ sums }) => sums.decodeRequests),
    context_tokens: Math.round(most(({ sums }) => sums.decodeContextTokens)),
  };
}
