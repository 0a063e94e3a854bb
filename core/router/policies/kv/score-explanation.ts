/** The terms of the last decision, for people and reports; overwritten by the next decision. */
export interface ScoreExplanation {
  /** The chosen target, −1 before the first decision. */
  target: number;
  /** The cost as the model computed it, in blocks. */
  cost: number;
  /** Leading prompt blocks cached on the target. */
  overlapBlocks: number;
  /** Prompt tokens that the target had still to prefill, without this request. */
  prefillTokens: number;
  /** Blocks in use on the target, without this request. */
  activeBlocks: number;
  /** Blocks that the request adds to them. */
  additionalBlocks: number;
  activeRequests: number;
  /**
   * Another target that holds a longer beginning of the prompt, from which the chosen one may fetch
   * it; −1 = none, or not asked for.
   */
  peer: number;
}

/** An explanation of no decision. */
export function newScoreExplanation(): ScoreExplanation {
  return {
    target: -1,
    cost: 0,
    overlapBlocks: 0,
    prefillTokens: 0,
    activeBlocks: 0,
    additionalBlocks: 0,
    activeRequests: 0,
    peer: -1,
  };
}
