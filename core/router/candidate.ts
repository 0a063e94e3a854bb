import type { CostTerms } from './cost/breakdown.ts';

/** What a scorer of a user's policy gave, times its weight; the sum of them decides, the more the better. */
export interface NamedScore {
  readonly name: string;
  readonly score: number;
}

/** A target that a request may go to, and why it would be chosen, or not. */
export interface Candidate {
  readonly target: number;
  /** What decided, the less the better; undefined where the mode has no such number. */
  readonly cost: number | undefined;
  /** What the cost is made of; undefined where nothing but load counts. */
  readonly terms: CostTerms | undefined;
  /** Of a user's policy: the scores of its scorers; absent where a filter has turned it down. */
  readonly scores?: readonly NamedScore[];
  /** What preferred taints multiplied the cost by. */
  readonly factor: number;
  /** Leading prompt blocks that it has cached, and that it uses for other requests. */
  readonly cachedBlocks: number;
  readonly sharedBlocks: number;
  /** Its load before the request: prompt tokens to prefill, blocks in use, requests. */
  readonly prefillTokens: number;
  readonly activeBlocks: number;
  readonly activeRequests: number;
  /** Blocks that the request would add. */
  readonly additionalBlocks: number;
}
