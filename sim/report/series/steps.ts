import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { Timeline } from '../../cluster/timeline.ts';

/** The end of each step, milliseconds. */
export function stepTimes({ timeNs, count }: Timeline): Float64Array {
  return timeNs.slice(0, count).map((ns) => ns / NS_PER_MS);
}

/**
 * How long each step lasted, seconds; the last one ends with the run. A run that takes no time at all
 * has one step of no length, NaN: nothing has a rate in it.
 */
export function stepSeconds({ timeNs, count }: Timeline): Float64Array {
  return timeNs.slice(0, count).map((ns, step) => {
    const fromNs = step === 0 ? 0 : timeNs[step - 1]!;
    return ns > fromNs ? (ns - fromNs) / NS_PER_S : Number.NaN;
  });
}
