import { hrtime } from 'node:process';
import type { Ns } from '#core/base/time.ts';

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
