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
