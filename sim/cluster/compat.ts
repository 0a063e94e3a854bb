import type { CompatMode } from '#core/config/schema.ts';

/**
 * Every habit of another program that is imitated only on request. By default the tunnel does what
 * is sensible; a switch here makes it do what that program was observed to do, for comparison.
 */
export interface CompatSwitches {
  /**
   * The new tokens of a pass come from two means, of spans and of prefixes, each floored: up to a
   * token a request too many or too few.
   */
  readonly flooredPrefillMeans: boolean;
  /** A preempted request recomputes its prompt and output in no time once it has generated a token. */
  readonly freeRecompute: boolean;
}

const SWITCHES: Readonly<Record<CompatMode, CompatSwitches>> = {
  none: { flooredPrefillMeans: false, freeRecompute: false },
  'dynamo-1.6': { flooredPrefillMeans: true, freeRecompute: true },
};

/** The switches of a mode. */
export function compatSwitches(mode: CompatMode): CompatSwitches {
  return SWITCHES[mode];
}
