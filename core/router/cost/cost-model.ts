/** A term that a cost can do without while the router still tracks what it counts. */
export type OmittedTerm = 'prefill_load' | 'active_blocks';

/** The knobs of a cost, constant for a router. */
export interface CostWeights {
  /** What one cached block is worth, in blocks of prefill. */
  readonly overlapScoreCredit: number;
  /** How fast that credit fades on a target with more prefill than the least loaded one. */
  readonly overlapScoreCreditDecay: number;
  /** What one block of prefill costs, in active blocks. */
  readonly prefillLoadScale: number;
  /** What one active request costs, in active blocks. */
  readonly decodeActiveRequestWeight: number;
  /** Tokens of a block. */
  readonly blockSize: number;
  /** False leaves prefill out of the cost. */
  readonly trackPrefillTokens: boolean;
  /** True for a pool whose targets decode (decode and aggregated pools), false for a prefill pool. */
  readonly decodes: boolean;
  /** The term that the current cost leaves out. */
  readonly without: OmittedTerm | undefined;
}

/**
 * The cost of one candidate, lower is better; a pure function of numbers. In order: the weights;
 * the prompt's tokens; leading prompt blocks cached on the candidate; its active prefill tokens;
 * the least active prefill tokens of all candidates; its active blocks including those that the
 * request would add; its active requests.
 */
export type CostModel = (
  weights: CostWeights,
  inputTokens: number,
  overlapBlocks: number,
  prefillTokens: number,
  prefillTokensMin: number,
  blocks: number,
  requests: number,
) => number;
