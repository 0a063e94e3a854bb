import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { Timeline } from '../../cluster/timeline.ts';

/** The end of each step, milliseconds. */
export function stepTimes({ timeNs, count }: Timeline): Float64Array {
  return timeNs.slice(0, count).map((ns) => ns / NS_PER_MS);
}

/** How long each step lasted, seconds; the last one ends with the run. */
export function stepSeconds({ timeNs, count }: Timeline): Float64Array {
  return timeNs.slice(0, count).map((ns, step) => {
    return (ns - (step === 0 ? 0 : timeNs[step - 1]!)) / NS_PER_S;
  });
}
