import { callReturned, callThrew, type UserCall, type UserSource } from '#core/base/user-code.ts';
import type { QueueScore } from '../queue-policy.ts';
import type { QueueOrder, WaitingRequest } from './queue-order.ts';

/** A user's order as the queue asks for it. */
export function userQueueScore(order: QueueOrder, source: UserSource): QueueScore {
  return (priority, arrivalSeconds, inputTokens, cachedTokens) => {
    const request = Object.freeze({ priority, arrivalSeconds, inputTokens, cachedTokens });
    let score: unknown;
    try {
      score = order(request);
    } catch (error) {
      throw callThrew(callOf(order, source, request), error);
    }
    if (typeof score === 'number' && Number.isFinite(score)) return score;
    throw callReturned(callOf(order, source, request), score, 'a finite number');
  };
}

function callOf(order: QueueOrder, source: UserSource, request: WaitingRequest): UserCall {
  const { inputTokens, arrivalSeconds } = request;
  const about = `a prompt of ${inputTokens} tokens that arrived at ${arrivalSeconds} s`;
  return { source, path: 'queueOrder', code: order, about };
}
