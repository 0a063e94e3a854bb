import { scoreFcfs } from './fcfs/fcfs.ts';
import { scoreLcfs } from './lcfs/lcfs.ts';
import { scoreWspt } from './wspt/wspt.ts';

/** How waiting requests are ordered. */
export type QueuePolicyName = 'fcfs' | 'lcfs' | 'wspt';

/**
 * The score of a waiting request, frozen when it enters the queue; the greatest leaves first. In
 * order: its head start in seconds (negative counts as 0), when it arrived in seconds, its prompt
 * tokens, and how many of those the best candidate has cached.
 */
export type QueueScore = (
  priority: number,
  arrivalSeconds: number,
  inputTokens: number,
  bestCachedTokens: number,
) => number;

const SCORES: Readonly<Record<QueuePolicyName, QueueScore>> = {
  fcfs: scoreFcfs,
  lcfs: scoreLcfs,
  wspt: scoreWspt,
};

/** The score of a queue policy. */
export function queueScore(policy: QueuePolicyName): QueueScore {
  return SCORES[policy];
}
