import { type BypassQuery, effectiveIsl } from '../bypass-query.ts';
import type { DisaggregationPolicy } from '../disaggregation-policy.ts';
import { BYPASS_SHORT, REMOTE } from '../verdict.ts';

/** The bounds of the policy; both have to be kept, and neither is reached. */
export interface IslBounds {
  /** Uncached prompt tokens. */
  readonly effIslThreshold: number;
  /** Their part of the prompt, 0 … 1. */
  readonly effIslRatioThreshold: number;
}

/** Prompts of which little is left to prefill bypass (Dynamo's conditional_disagg.rs, isl_bounding). */
export class IslBounding implements DisaggregationPolicy {
  readonly #bounds: IslBounds;

  constructor(bounds: IslBounds) {
    this.#bounds = bounds;
  }

  judge(query: Readonly<BypassQuery>): number {
    const { effIslThreshold, effIslRatioThreshold } = this.#bounds;
    const uncached = effectiveIsl(query);
    const isShort =
      uncached < effIslThreshold &&
      uncached / Math.max(1, query.promptTokens) < effIslRatioThreshold;
    return isShort ? BYPASS_SHORT : REMOTE;
  }
}
