/** A request of which it is asked where its prompt is prefilled. */
export interface DisaggregationRequest {
  /** When it is asked, in seconds since the run began. */
  readonly nowSeconds: number;
  /** Prompt tokens (ISL). */
  readonly inputTokens: number;
  /** How many of them the decode worker has cached that would serve the request. */
  readonly cachedTokens: number;
  /** How many of them the prefill worker has cached that would be chosen; undefined = unknown. */
  readonly prefillCachedTokens: number | undefined;
  /** Prompt tokens under way on that prefill worker; undefined = unknown. */
  readonly prefillTokens: number | undefined;
  /** Requests under way there; undefined = unknown. */
  readonly prefillRequests: number | undefined;
  /** The queue before the prefill pool would turn the request away. */
  readonly prefillRejected: boolean;
  /** Prompt tokens under way on the decode worker; undefined = unknown. */
  readonly decodePrefillTokens: number | undefined;
  /** Requests under way there; undefined = unknown. */
  readonly decodeRequests: number | undefined;
  /** KV blocks in use there once the request is, too; undefined = unknown. */
  readonly decodeBlocks: number | undefined;
  /** All its KV blocks; undefined = unknown. */
  readonly totalBlocks: number | undefined;
}

/** True: the prompt goes to the prefill pool. False: the decode worker prefills it itself. */
export type DisaggregationRule = (request: DisaggregationRequest) => boolean;
