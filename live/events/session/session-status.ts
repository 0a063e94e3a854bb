/**
 * How far a session's knowledge of its engine can be trusted.
 *
 * - connecting: nothing has been heard yet.
 * - exact: everything that the engine has published is applied, as its replay socket confirms.
 * - unverified: nothing is known to be missing, but nobody confirms it.
 * - recovering: something is missing and has been asked for.
 * - degraded: something is missing for good; what is known is a part of what the engine holds.
 */
export type SessionState = 'connecting' | 'exact' | 'unverified' | 'recovering' | 'degraded';

/** Why a session is degraded or unverified. */
export type SessionLack =
  /** The engine does not remember batches that were missed. */
  | 'history_evicted'
  /** The engine remembers them, and its answers keep leaving them out. */
  | 'history_incomplete'
  /** The replay socket does not answer. */
  | 'replay_unreachable'
  /** There is no replay socket, and batches were missed: at the start, in between, or on reconnection. */
  | 'late_start'
  | 'gap'
  | 'link_lost'
  /** A batch could not be read. */
  | 'unreadable_batch'
  /** Too much came while something was missing. */
  | 'overfull';

/** Totals since the start. */
export interface SessionCounters {
  batches: number;
  duplicates: number;
  gaps: number;
  /** The engine has begun anew. */
  restarts: number;
  replays: number;
  failedReplays: number;
  /** Times that the engine did not remember what was missed. */
  evictions: number;
  unreadable: number;
  linksLost: number;
}

export function emptySessionCounters(): SessionCounters {
  return {
    batches: 0,
    duplicates: 0,
    gaps: 0,
    restarts: 0,
    replays: 0,
    failedReplays: 0,
    evictions: 0,
    unreadable: 0,
    linksLost: 0,
  };
}
