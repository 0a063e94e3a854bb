/** Where the search stops to list targets, or to look at them one by one. Bears on time only. */
export interface SearchLimits {
  /** Owners of a node beyond which they are not listed. */
  readonly listedOwners: number;
  /** Share of the fleet beyond which it is cheaper to list all than to look targets up singly. */
  readonly visitedShare: number;
}

/**
 * To list an owner costs some 10 ns, to look a target up some 100 ns. Fleets of up to 32 targets are
 * always listed.
 */
export const DEFAULT_SEARCH_LIMITS: SearchLimits = { listedOwners: 32, visitedShare: 1 / 16 };
