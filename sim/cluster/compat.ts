import type { CompatMode } from '#core/config/schema.ts';
import type { TimingHabits } from '../engine/timing/timing-habits.ts';

/**
 * Every habit of another program that is imitated only on request. By default the tunnel does what
 * is sensible; a switch here makes it do what that program was observed to do, for comparison.
 */
export interface CompatSwitches extends TimingHabits {
  /**
   * A preempted request recomputes the tokens that it had generated in no time; only those of its
   * prompt cost what prefill costs.
   */
  readonly freeRecompute: boolean;
  /**
   * When the oldest requests are preempted for one behind them, as many of those that follow it get
   * no token in that pass, since the list is walked by an index that does not move up.
   */
  readonly passesOver: boolean;
  /**
   * Of requests that wait for blocks on a decode worker one is given them when a pass ends, and one when
   * a request is activated, whatever room there is; the next one waits for the next such moment.
   */
  readonly grantsOneByOne: boolean;
  /** The router's requests never expire: its clock in a replay is not the replay's. */
  readonly neverExpires: boolean;
  /** However long a request has waited in the router, it is sent by what was cached when it came. */
  readonly keepsOverlaps: boolean;
  /**
   * The router's queue goes on to the next policy class after every request, whatever the class has
   * left of its quantum: classes with cheap requests share evenly, whatever their quanta.
   */
  readonly leavesClassEarly: boolean;
  /**
   * With speculation the pass that ends a prompt has a decode part too, and gives a whole burst
   * instead of one token.
   */
  readonly burstsFromPrefill: boolean;
}

const SWITCHES: Readonly<Record<CompatMode, CompatSwitches>> = {
  none: {
    flooredPrefillMeans: false,
    roundedBeforeScaling: false,
    freeRecompute: false,
    passesOver: false,
    grantsOneByOne: false,
    neverExpires: false,
    keepsOverlaps: false,
    leavesClassEarly: false,
    burstsFromPrefill: false,
  },
  'dynamo-1.6': {
    flooredPrefillMeans: true,
    roundedBeforeScaling: true,
    freeRecompute: true,
    passesOver: true,
    grantsOneByOne: true,
    neverExpires: true,
    keepsOverlaps: true,
    leavesClassEarly: true,
    burstsFromPrefill: true,
  },
};

/** The switches of a mode. */
export function compatSwitches(mode: CompatMode): CompatSwitches {
  return SWITCHES[mode];
}
