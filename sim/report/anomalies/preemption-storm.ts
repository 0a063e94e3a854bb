import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';

/** Preemptions from which a request counts as caught in a storm. */
const PREEMPTIONS = 3;

/**
 * Preemption storm: requests that lost their blocks three times or more. One preemption is a bad
 * guess about memory; three of the same request are work thrown away in a circle.
 */
export function findPreemptionStorm({ requests, preemptions }: RunResult): Finding | undefined {
  let count = 0;
  let worst = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.admissions[row]! - 1 < PREEMPTIONS) continue;
    if (count === 0 || requests.admissions[row]! > requests.admissions[worst]!) worst = row;
    count++;
  }
  if (count === 0) return undefined;
  return {
    count,
    evidence: {
      threshold: { preemptions: PREEMPTIONS },
      worst: {
        request: worst,
        worker: requests.worker[worst]!,
        preemptions: requests.admissions[worst]! - 1,
        preemptions_of_all: preemptions,
      },
    },
  };
}
