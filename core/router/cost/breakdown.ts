import type { CostModelName } from '../options.ts';
import type { CostWeights } from './cost-model.ts';
import {
  blocksTerm,
  creditDecay,
  creditsBlocks,
  prefillTerm,
  requestsTerm,
} from './current/terms.ts';

/** The terms of a cost: cost = prefill + blocks + requests, in blocks. */
export interface CostTerms {
  /** Blocks to prefill, scaled, after the credit. */
  readonly prefill: number;
  /** Blocks in use with those that the request adds. */
  readonly blocks: number;
  /** Requests under way, weighted. */
  readonly requests: number;
  /** What cached blocks took off, in blocks of prefill (or of use, where no prefill is tracked). */
  readonly credit: number;
  /** The factor in (0, 1] by which prefill beyond the least loaded candidate's dimmed it. */
  readonly decay: number;
}

/** The numbers that a cost model takes, by name. */
export interface CostInputs {
  readonly inputTokens: number;
  readonly overlapBlocks: number;
  readonly prefillTokens: number;
  readonly prefillTokensMin: number;
  readonly blocks: number;
  readonly requests: number;
}

/** The terms whose sum, in this order, is what the cost model gives for the same numbers. */
export function costTerms(
  model: CostModelName,
  weights: CostWeights,
  inputs: CostInputs,
): CostTerms {
  return model === 'v1.0' ? termsOfV10(weights, inputs) : termsOfCurrent(weights, inputs);
}

function termsOfV10(weights: CostWeights, inputs: CostInputs): CostTerms {
  const { blockSize, prefillLoadScale } = weights;
  const { inputTokens, overlapBlocks, prefillTokens, blocks } = inputs;
  const uncachedTokens = prefillTokens + inputTokens - overlapBlocks * blockSize;
  const prefill = prefillLoadScale * (uncachedTokens / blockSize);
  return { prefill, blocks, requests: 0, credit: overlapBlocks, decay: 1 };
}

function termsOfCurrent(weights: CostWeights, inputs: CostInputs): CostTerms {
  const { inputTokens, overlapBlocks, prefillTokens, prefillTokensMin, blocks } = inputs;
  const decay = creditDecay(weights, inputTokens, prefillTokens, prefillTokensMin);
  const dimmed = weights.overlapScoreCredit * decay * overlapBlocks;
  const counts = weights.trackPrefillTokens || creditsBlocks(weights);
  const credit = counts ? dimmed : 0;
  const cachedTokens = overlapBlocks * weights.blockSize;
  return {
    prefill: prefillTerm(weights, inputTokens, cachedTokens, prefillTokens, credit),
    blocks: blocksTerm(weights, blocks, credit),
    requests: requestsTerm(weights, inputs.requests),
    credit,
    decay,
  };
}
