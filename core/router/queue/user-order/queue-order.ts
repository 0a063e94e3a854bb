/** A request as it enters the router's queue. */
export interface WaitingRequest {
  /** Head start in seconds, as the request states it. */
  readonly priority: number;
  /** When it arrived, in seconds since the run began. */
  readonly arrivalSeconds: number;
  /** Prompt tokens (ISL). */
  readonly inputTokens: number;
  /** How many of them the best candidate has cached. */
  readonly cachedTokens: number;
}

/**
 * The score of a waiting request, a finite number, asked for once when it enters the queue: the
 * greatest leaves first, equal ones in the order in which they came. A request of a higher strict
 * priority leaves before all others, whatever the score.
 */
export type QueueOrder = (request: WaitingRequest) => number;
