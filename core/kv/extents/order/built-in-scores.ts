import type { EvictionScore } from './eviction-score.ts';

/** Hits from which an extent rises to a level of its own. */
const LEVELS = [3, 8, 15];

/** The extent that has lain here longest goes first, however often it was used since. */
export const scoreFifo: EvictionScore = ({ stored }) => stored;

/** Extents that were hit seldom go first; within a level, those that were let go longest ago. */
export const scoreMultiLru: EvictionScore = ({ hits }) =>
  LEVELS.filter((least) => hits >= least).length;
