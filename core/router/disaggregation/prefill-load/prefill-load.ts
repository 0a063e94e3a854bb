import type { BypassQuery } from '../bypass-query.ts';
import type { DisaggregationPolicy } from '../disaggregation-policy.ts';
import { BYPASS_PREFILL_BUSY, BYPASS_PREFILL_REJECTED, REMOTE } from '../verdict.ts';

/**
 * Prompts bypass a prefill worker that has too much to do already (Dynamo's conditional_disagg.rs,
 * prefill_load). A worker whose load nobody knows counts as calm.
 */
export class PrefillLoad implements DisaggregationPolicy {
  readonly #busyTokens: number;

  /** `busyTokens`: with more prompt tokens under way than this a prefill worker is busy. */
  constructor(busyTokens: number) {
    this.#busyTokens = busyTokens;
  }

  judge(query: Readonly<BypassQuery>): number {
    if (query.prefillRejected) return BYPASS_PREFILL_REJECTED;
    return query.prefillTokens > this.#busyTokens ? BYPASS_PREFILL_BUSY : REMOTE;
  }
}
