import type { Deployment } from '../pass/deployment.ts';
import { type Calibration, describeDeployment } from './calibration-file.ts';
import { defaultConstants } from './constants.ts';

/** Default constants as the calibration of a deployment, which says no more than the defaults do. */
export function calibrationOf(deployment: Deployment): Calibration {
  return {
    version: 1,
    deployment: describeDeployment(deployment),
    constants: defaultConstants({ perPassMs: 0.5, perRequestMs: 0.005, frontendMs: 17 }),
    deviations: {},
    evidence: [],
  };
}
