/**
 * One request that asks for a target. The object is reused: the router reads it during `arrive` and
 * keeps no reference.
 */
export interface RouteQuery extends PrefillOutlook {
  /** Dense id of the request, ≥ 0. */
  request: number;
  /** The prompt in the block forest; −1 = no full block. */
  leaf: number;
  /** Blocks used of the leaf. */
  leafBlocks: number;
  /** Full blocks of the whole prompt. */
  totalBlocks: number;
  /**
   * Further blocks that no other prompt can share: the partial block at the prompt's end, and all
   * full blocks of a prompt whose content is unknown.
   */
  tailBlocks: number;
  /** Prompt tokens (ISL), ≥ 1. */
  inputTokens: number;
  /** Output tokens that are expected, 0 = unknown. */
  expectedOutputTokens: number;
  /** Head start in a queue, in seconds; negative counts as 0. */
  priority: number;
  /** The policy class or family that the request asks for, as `PolicyNames` numbers them; −1 = none. */
  policyClass: number;
  /** Requests of a higher strict priority leave a queue first, whatever its policy. */
  strictPriority: number;
  /** The only target that may be chosen, −1 = any. */
  pinnedTarget: number;
  /** Dense id of the session that the request belongs to, −1 = none. */
  session: number;
  /** Id of what else the request asks for (`RouterFacts.defineTerms`), −1 = nothing. */
  terms: number;
  /**
   * 1 = it is asked where the prompt is prefilled: on the target that is chosen (a bypass), or in the
   * prefill pool, whose outlook the query brings. Only read by a router that disaggregates.
   */
  mayBypass: number;
  /**
   * Prompt tokens, and requests, on their way to the prefill pool that still wait for room on a decode
   * worker: the share of one target of that pool. Only read with `mayBypass`.
   */
  promisedTokens: number;
  promisedRequests: number;
}

/** What a prompt would meet in the prefill pool, −1 for what nobody knows. */
export interface PrefillOutlook {
  /** Prompt tokens under way on the target that it would go to. */
  prefillTokens: number;
  /** Requests under way there. */
  prefillRequests: number;
  /** Prompt tokens that it has cached. */
  prefillCachedTokens: number;
  /** 1 = the queue before the pool would turn the request away. */
  prefillRejected: number;
}

/** A query with every field at its neutral value, to be filled and reused. */
export function newRouteQuery(): RouteQuery {
  return {
    request: 0,
    leaf: -1,
    leafBlocks: 0,
    totalBlocks: 0,
    tailBlocks: 0,
    inputTokens: 1,
    expectedOutputTokens: 0,
    priority: 0,
    strictPriority: 0,
    policyClass: -1,
    pinnedTarget: -1,
    session: -1,
    terms: -1,
    mayBypass: 0,
    prefillTokens: -1,
    prefillRequests: -1,
    prefillCachedTokens: -1,
    prefillRejected: 0,
    promisedTokens: 0,
    promisedRequests: 0,
  };
}
