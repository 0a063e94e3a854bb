/** What a report says to a gate. */
export interface GateResult {
  readonly gate: string;
  readonly metric: string;
  readonly bound: number;
  /** Absent when the run has no such number; the gate has failed then. */
  readonly value?: number;
  readonly passed: boolean;
  /** Fewer than ten samples lie beyond the percentile that is asked for. */
  readonly thin?: true;
  /** Why there is no value. */
  readonly reason?: string;
}
