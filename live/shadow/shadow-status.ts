import type { Advice } from './advice.ts';
import type { MonitorStatus } from './error-monitor.ts';

/** What other policies would have given. */
export interface AdviceStatus {
  readonly state: 'flying' | 'dead';
  /** Names of the policies, the current one first. */
  readonly policies: readonly string[];
  /** Windows of arrivals that have been flown. */
  readonly flown: number;
  /** Null before the first. */
  readonly latest: Advice | null;
  /** Since that came out; null before the first. */
  readonly age_s: number | null;
}

/** What `windtunnel status` shows of the shadow. */
export interface ShadowStatus {
  readonly state: 'running' | 'dead';
  /** Why it is dead. */
  readonly reason?: string;
  /** Requests that were given a forecast. */
  readonly forecasts: number;
  /** First tokens that came before their forecast, which so was none. */
  readonly late: number;
  /** Requests that were shadowed without a forecast, because the shadow was behind. */
  readonly skipped: number;
  /** Requests that the shadow was not told of, because too many facts waited. */
  readonly dropped: number;
  readonly facts_waiting: number;
  /** From sending a request to having its forecast, a running mean; null before the first. */
  readonly lag_ms: number | null;
  readonly ttft: MonitorStatus;
  readonly e2e: MonitorStatus;
  /** Absent where no other policy is flown. */
  readonly advice?: AdviceStatus;
}
