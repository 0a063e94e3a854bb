import { readFileSync } from 'node:fs';
import { InputError } from '#core/base/errors.ts';
import {
  type Calibration,
  readCalibration,
  refuseForeign,
} from '#core/perf/calibration/calibration-file.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';

/** The calibration of a file. Throws an InputError where it has no use or belongs to another GPU. */
export function readCalibrationFile(path: string, deployment: Deployment): Calibration {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError('input_missing', (error as Error).message, { path: '--calibration' });
  }
  const calibration = readCalibration(text, path);
  refuseForeign(calibration, deployment, path);
  return calibration;
}
