import { hrtime } from 'node:process';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';

/** Where the live half learns what time it is; tests bring one of their own and move it by hand. */
export interface Clock {
  /** Nanoseconds since the clock was started, whole and never falling. */
  nowNs(): Ns;
}

/** A clock that starts at 0 now and runs with the machine's monotonic one. */
export function startClock(): Clock {
  const startedAt = hrtime.bigint();
  return { nowNs: () => Number(hrtime.bigint() - startedAt) };
}

/** Wakes whoever asks for it; tests bring their own, beside their clock. */
export interface Timers {
  /** Calls `wake` once when so much time has passed; the result takes that back. */
  after(delayNs: Ns, wake: () => void): () => void;
}

/** Timers of the process, which does not stay alive for them. */
export function startTimers(): Timers {
  return {
    after(delayNs, wake) {
      const timer = setTimeout(wake, Math.ceil(delayNs / NS_PER_MS)).unref();
      return () => clearTimeout(timer);
    },
  };
}
