import {
  type Calibration,
  readCalibration,
  refuseForeign,
} from '#core/perf/calibration/calibration-file.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { readConfigText } from '../config-text.ts';

/** The calibration of a file. Throws an InputError where it has no use or belongs to another GPU. */
export function readCalibrationFile(path: string, deployment: Deployment): Calibration {
  const calibration = readCalibration(readConfigText(path), path);
  refuseForeign(calibration, deployment, { file: path });
  return calibration;
}
