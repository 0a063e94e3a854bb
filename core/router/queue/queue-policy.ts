import { assertDefined } from '#core/base/assert.ts';
import { scoreFcfs } from './fcfs/fcfs.ts';
import { scoreLcfs } from './lcfs/lcfs.ts';
import { scoreWspt } from './wspt/wspt.ts';

/** How waiting requests are ordered; `policy` is the order of a user's file. */
export type QueuePolicyName = 'fcfs' | 'lcfs' | 'wspt' | 'policy';

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

const SCORES: Readonly<Record<Exclude<QueuePolicyName, 'policy'>, QueueScore>> = {
  fcfs: scoreFcfs,
  lcfs: scoreLcfs,
  wspt: scoreWspt,
};

/** The score of a queue policy; `userOrder` is that of `policy`. */
export function queueScore(policy: QueuePolicyName, userOrder?: QueueScore): QueueScore {
  if (policy !== 'policy') return SCORES[policy];
  return assertDefined(userOrder, 'the queue policy of a user needs an order');
}
