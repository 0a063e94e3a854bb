import type { Calibration } from '#core/perf/calibration/calibration-file.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { compareRecording, type RecordingComparison } from '#sim/calibrate/compare-recording.ts';
import { flyRecorded } from '#sim/calibrate/fly-recorded.ts';
import { readRun } from './evidence.ts';
import { type ServerFlags, serverOf } from './server.ts';

/** Flies recordings with a calibration and lays what clients saw beside it. */
export function checkRuns(
  request: ServerFlags & { readonly deployment: Deployment },
  { constants }: Calibration,
  paths: readonly string[],
): RecordingComparison[] {
  return paths.map((path) => {
    const run = readRun(path);
    const server = serverOf(request, run, request.deployment);
    return compareRecording(run, flyRecorded(request.deployment, server, constants, run));
  });
}
