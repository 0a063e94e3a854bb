import type { Ns } from '#core/base/time.ts';
import type { EventFrame } from './frame.ts';
import type { SessionState } from './session-status.ts';

/**
 * What a session does about batches that it missed: ask for them, or go on without. Both turn live
 * messages into a `SessionProgress`.
 */
export interface Follower {
  /** How sure it is, once something was heard and nothing is missing for good. */
  readonly trust: Exclude<SessionState, 'connecting' | 'degraded'>;
  linkUp(nowNs: Ns): void;
  linkDown(): void;
  live(frame: EventFrame, nowNs: Ns): void;
}
