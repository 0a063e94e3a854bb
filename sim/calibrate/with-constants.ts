import { type Constants, calibratedGpu, calibratedHost } from '#core/perf/calibration/constants.ts';
import type { LoadPoint } from '../estimate/load-point.ts';

/** The same point of a deployment with these constants. */
export function withConstants(point: LoadPoint, constants: Constants): LoadPoint {
  const { deployment } = point;
  const gpu = calibratedGpu(deployment.gpu, constants);
  return {
    ...point,
    deployment: { ...deployment, gpu },
    host: calibratedHost(constants),
  };
}
