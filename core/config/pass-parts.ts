import { InputError } from '#core/base/errors.ts';
import {
  type Calibration,
  checkCalibration,
  refuseForeign,
} from '#core/perf/calibration/calibration-file.ts';
import { calibratedGpu, calibratedHost } from '#core/perf/calibration/constants.ts';
import type { HostTime } from '#core/perf/host/host-time.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { deploymentOf, hostTimeOf, type WorkerParts } from './deployment.ts';

/** What the passes of workers that are alike are made of. */
export interface PassParts {
  /** Its GPU computes and reads as fast as measurements say, where there are any. */
  readonly deployment: Deployment;
  readonly host: HostTime;
  readonly calibration?: Calibration;
}

const CALIBRATION_KEY = 'engine.calibration';

/**
 * The model of a config on its GPU and what its engine's host takes, with the constants of
 * `engine.calibration` where one is given. Throws an InputError with the key of the config that names
 * nothing known, or with the key of the calibration that has no use or is of another deployment.
 */
export function passPartsOf(parts: WorkerParts): PassParts {
  const deployment = deploymentOf(parts);
  const calibration = calibrationOf(parts, deployment);
  if (calibration === undefined) {
    const { host_overhead_ms, host_overhead_per_request_us, backend_version } = parts.engine;
    const host = hostTimeOf(deployment, backend_version);
    const isSaid = host_overhead_ms > 0 || host_overhead_per_request_us > 0;
    return { deployment, host: isSaid ? { ...host, perPassMs: 0, perRequestMs: 0 } : host };
  }
  const { constants } = calibration;
  return {
    deployment: { ...deployment, gpu: calibratedGpu(deployment.gpu, constants) },
    host: calibratedHost(constants),
    calibration,
  };
}

/** Throws an InputError whose path begins with that of the key. */
function calibrationOf(
  { engine: { calibration } }: WorkerParts,
  deployment: Deployment,
): Calibration | undefined {
  if (calibration === undefined) return undefined;
  if (typeof calibration === 'string') {
    throw new InputError('config_invalid', 'names a file that nobody has read', {
      path: CALIBRATION_KEY,
      received: calibration,
      allowed: 'here the content of the file; the command line takes its name too',
    });
  }
  try {
    const read = checkCalibration(calibration, {});
    refuseForeign(read, deployment, {});
    return read;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const path = `${CALIBRATION_KEY}.${error.place.path}`;
    throw new InputError(error.code, error.problem, { ...error.data, path });
  }
}
