import type { Ns } from '#core/base/time.ts';

/** When requests are offered to the cluster. */
export interface Workload {
  /** Time of the next arrival, infinite when none is due before another request ends. */
  readonly nextArrivalNs: Ns;
  /** The request that arrives next, at `nowNs`; it counts as sent from now on. */
  take(nowNs: Ns): number;
  /** A request has ended, in whatever way: its end may bring the next one. */
  ended(row: number, nowNs: Ns): void;
}
