/** Inactive blocks that were let go together, as far as they belong to one extent. Read-only. */
export interface EvictionRun {
  /** How many blocks. */
  readonly blocks: number;
  /** Blocks from the beginning of the prompt to their end. */
  readonly depth: number;
  /** Requests that have found blocks of this extent here, since it has lain here. */
  readonly hits: number;
  /** Counts extents in the order in which they first came to lie here. */
  readonly stored: number;
  /** Counts the requests that have let go of blocks here; the latest is the greatest. */
  readonly released: number;
  /** Tokens that were generated, which only their own request can find again. */
  readonly generated: boolean;
}

/**
 * What keeping a run is worth, a finite number, asked for once when its blocks become inactive: the
 * least goes first, equal ones in the order in which they were let go. Blocks that others follow in
 * the cache stay until those are gone, whatever the score.
 */
export type EvictionScore = (run: EvictionRun) => number;
