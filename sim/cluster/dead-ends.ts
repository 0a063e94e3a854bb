import { WindtunnelError } from '#core/base/errors.ts';
import type { Ns } from '#core/base/time.ts';

/** Nothing is left to happen: throws `simulation_stalled` where requests wait all the same. */
export function assertNothingStalled(waiting: number, nowNs: Ns): void {
  if (waiting === 0) return;
  throw new WindtunnelError(
    'simulation_stalled',
    `${waiting} requests are waiting at ${nowNs} ns and nothing will happen any more`,
    { waiting, simulated_ns: nowNs },
  );
}

/** A clock of whole nanoseconds in a double is exact for 104 days and not a moment longer. */
export function timeExhausted(): WindtunnelError {
  return new WindtunnelError(
    'time_exhausted',
    'the run lasts longer than 104 simulated days, beyond which nanoseconds are no longer exact; cut it off with simulation.max_sim_time_ms, or raise the arrival rate or speed',
  );
}
