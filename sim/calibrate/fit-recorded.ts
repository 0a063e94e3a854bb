import type { ConstantName, Constants } from '#core/perf/calibration/constants.ts';
import type { Model } from '#core/perf/calibration/fit-constants.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { fitObservations, type Observation, type ObservedFit } from './fit-observations.ts';
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

interface RequestObservation extends Observation {
  readonly request: number;
}

function observationsOf(records: readonly RequestRecord[]): RequestObservation[] {
  const ofAll = records.flatMap(({ ttftMs, e2eMs, osl }, request): RequestObservation[] => [
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
): ObservedFit {
  const observations = observationsOf(run.records);
  const modelOf = (some: readonly RequestObservation[]): Model => {
    return (constants) => {
      const { ttftMs, tpotMs } = flyRecorded(deployment, server, constants, run);
      return Float64Array.from(some, ({ request, of }) =>
        of === 'ttft' ? ttftMs[request]! : tpotMs[request]!,
      );
    };
  };
  return fitObservations(observations, modelOf, { defaults, names, roundsOfFold: 2 });
}
