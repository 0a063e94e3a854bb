/**
 * What is known of a request when it is asked where its prompt should be prefilled: on a worker of
 * the prefill pool, or on the decode worker that would serve it anyway. The object is reused.
 * Numbers that nobody knows are UNKNOWN.
 */
export interface BypassQuery {
  /** Prompt tokens (ISL). */
  promptTokens: number;
  /** Those of them that the decode worker has cached. */
  cachedTokens: number;
  /** Prompt tokens under way on the prefill worker that would be chosen. */
  prefillTokens: number;
  /** Requests under way there. */
  prefillRequests: number;
  /**
   * Prompt tokens, and requests, that will come there when they have room on a decode worker; 0 where
   * the prefill comes first.
   */
  promisedTokens: number;
  promisedRequests: number;
  /** Prompt tokens of the request that it has cached. */
  prefillCachedTokens: number;
  /** The queue before the prefill pool would turn the request away. */
  prefillRejected: boolean;
  /** Prompt tokens under way on the decode worker, of requests that bypassed before. */
  decodePrefillTokens: number;
  /** Requests under way there, without those whose KV blocks are still to come. */
  decodeRequests: number;
  /** KV blocks in use there once the request is, too. */
  potentialDecodeBlocks: number;
  /** All its KV blocks. */
  totalDecodeBlocks: number;
}

/** Stands for a number that nobody knows. */
export const UNKNOWN = -1;

/** A query about an empty prompt with nothing known of the workers, to be filled and reused. */
export function newBypassQuery(): BypassQuery {
  return {
    promptTokens: 0,
    cachedTokens: 0,
    prefillTokens: UNKNOWN,
    prefillRequests: UNKNOWN,
    promisedTokens: 0,
    promisedRequests: 0,
    prefillCachedTokens: UNKNOWN,
    prefillRejected: false,
    decodePrefillTokens: UNKNOWN,
    decodeRequests: UNKNOWN,
    potentialDecodeBlocks: UNKNOWN,
    totalDecodeBlocks: UNKNOWN,
  };
}

/** Prompt tokens that would have to be prefilled on the decode worker: the effective ISL. */
export function effectiveIsl(query: Readonly<BypassQuery>): number {
  return Math.max(0, query.promptTokens - query.cachedTokens);
}
