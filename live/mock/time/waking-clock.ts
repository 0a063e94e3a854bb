import type { Ns } from '#core/base/time.ts';
import { type Clock, startClock } from '#live/clock.ts';

/** A clock that also wakes whoever asks it to. */
export interface WakingClock extends Clock {
  /** Calls back once, at `atNs` or soon after; never from within this call. Returns what undoes it. */
  wakeAt(atNs: Ns, call: () => void): () => void;
}

const NS_PER_MS = 1_000_000;
/** Longer waits are cut in pieces: timers of Node count milliseconds in 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own clock, from 0; it wakes to the millisecond, never early. */
export function startWakingClock(): WakingClock {
  const { nowNs } = startClock();
  const wakeAt = (atNs: Ns, call: () => void): (() => void) => {
    let timer: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const wait = (): void => {
      const leftMs = Math.ceil((atNs - nowNs()) / NS_PER_MS);
      if (leftMs <= 0) immediate = setImmediate(call);
      // The process stays alive for its sockets, not for what might happen.
      else
        timer = setTimeout(leftMs > LONGEST_MS ? wait : call, Math.min(leftMs, LONGEST_MS)).unref();
    };
    if (atNs < Number.POSITIVE_INFINITY) wait();
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  };
  return { nowNs, wakeAt };
}
