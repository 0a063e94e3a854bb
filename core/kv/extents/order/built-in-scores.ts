import type { EvictionScore } from './eviction-score.ts';

/** The ways to evict that a config can name; `policy` is the score of a user's file. */
export type EvictionPolicyName = 'lru' | 'fifo' | 'multi_lru' | 'policy';

/** Hits from which an extent rises to a level of its own. */
const LEVELS = [3, 8, 15];

/** The extent that has lain here longest goes first, however often it was used since. */
const scoreFifo: EvictionScore = ({ stored }) => stored;

/** Extents that were hit seldom go first; within a level, those that were let go longest ago. */
const scoreMultiLru: EvictionScore = ({ hits }) => LEVELS.filter((least) => hits >= least).length;

/** The score of an eviction policy; none for `lru`, which needs none. */
export function evictionScore(
  policy: EvictionPolicyName,
  userScore: EvictionScore | undefined,
): EvictionScore | undefined {
  switch (policy) {
    case 'lru':
      return undefined;
    case 'fifo':
      return scoreFifo;
    case 'multi_lru':
      return scoreMultiLru;
    case 'policy':
      return userScore;
  }
}
