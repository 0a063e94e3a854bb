/** A point or span of time: an integer number of nanoseconds, exact to 104 days. */
export type Ns = number;

export const NS_PER_MS = 1_000_000;
export const NS_PER_HOUR = 3_600_000_000_000;
export const NS_PER_S = 1_000_000_000;

/** Rounds a duration in milliseconds to whole nanoseconds, half up. */
export function msToNs(ms: number): Ns {
  return Math.round(ms * NS_PER_MS);
}

/** Rounds a duration in seconds to whole nanoseconds, half up. */
export function secondsToNs(seconds: number): Ns {
  return Math.round(seconds * NS_PER_S);
}

/** Seconds as a number. */
export function nsToSeconds(ns: Ns): number {
  return ns / NS_PER_S;
}
