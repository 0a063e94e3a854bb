/** Sums over the requests of a pass. */
export interface PassSums {
  readonly prefillRequests: number;
  /** Σ chunk, Σ prefix and Σ chunk · (prefix + chunk / 2). */
  readonly prefillTokens: number;
  readonly prefixTokens: number;
  readonly prefillAttentionPairs: number;
  readonly decodeRequests: number;
  /** Σ context. */
  readonly decodeContextTokens: number;
  /**
   * Tokens that the other ranks compute in the same pass, all together. Absent where each of them
   * computes as many as this one: while all only decode, their graphs are those of the largest.
   */
  readonly otherTokens?: number | undefined;
}

/** A pass of nobody. */
export const NO_REQUESTS: PassSums = {
  prefillRequests: 0,
  prefillTokens: 0,
  prefixTokens: 0,
  prefillAttentionPairs: 0,
  decodeRequests: 0,
  decodeContextTokens: 0,
};

/** A pass of one whole prompt, of which nothing is cached, while the other ranks compute nothing. */
export function promptSums(tokens: number): PassSums {
  return {
    ...NO_REQUESTS,
    prefillRequests: 1,
    prefillTokens: tokens,
    prefillAttentionPairs: (tokens * tokens) / 2,
    otherTokens: 0,
  };
}

/** A pass of requests that decode, with so many tokens of context together. */
export function decodeSums(requests: number, contextTokens: number): PassSums {
  return { ...NO_REQUESTS, decodeRequests: requests, decodeContextTokens: contextTokens };
}
