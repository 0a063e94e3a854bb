import type { PrefillTimes } from '../sequences/prefill-load/timing/timing.ts';

/** What the caller of a router decides besides its config. */
export interface RouterHabits {
  /** Requests never expire. */
  readonly neverExpires: boolean;
  /** However long a request has waited, it is sent by what was cached when it came. */
  readonly keepsOverlaps: boolean;
  /** The queue goes on to the next policy class after every request. */
  readonly leavesClassEarly: boolean;
  /** How long prompts take alone; asked where the config wants prefill to be timed. */
  readonly prefillTimes: () => PrefillTimes;
}
