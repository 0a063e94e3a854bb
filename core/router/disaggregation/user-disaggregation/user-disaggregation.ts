import { type Ns, nsToSeconds } from '#core/base/time.ts';
import { callReturned, callThrew, type UserCall, type UserSource } from '#core/base/user-code.ts';
import { type BypassQuery, UNKNOWN } from '../bypass-query.ts';
import type { DisaggregationPolicy } from '../disaggregation-policy.ts';
import { BYPASS_POLICY, REMOTE } from '../verdict.ts';
import type { DisaggregationRequest, DisaggregationRule } from './disaggregation-rule.ts';

/** A user's rule, asked about each request. */
export class UserDisaggregation implements DisaggregationPolicy {
  readonly #rule: DisaggregationRule;
  readonly #source: UserSource;

  constructor(rule: DisaggregationRule, source: UserSource) {
    this.#rule = rule;
    this.#source = source;
  }

  /** Throws `policy_invalid`, with the place, where the rule throws or gives no yes or no. */
  judge(query: Readonly<BypassQuery>, nowNs: Ns): number {
    const request = requestOf(query, nowNs);
    let answer: unknown;
    try {
      answer = this.#rule(request);
    } catch (error) {
      throw callThrew(this.#callAbout(request), error);
    }
    if (typeof answer !== 'boolean') {
      throw callReturned(this.#callAbout(request), answer, 'true or false');
    }
    return answer ? REMOTE : BYPASS_POLICY;
  }

  #callAbout({ inputTokens, nowSeconds }: DisaggregationRequest): UserCall {
    const about = `a prompt of ${inputTokens} tokens at ${nowSeconds} s`;
    return { source: this.#source, path: 'disaggregate', code: this.#rule, about };
  }
}

function requestOf(query: Readonly<BypassQuery>, nowNs: Ns): DisaggregationRequest {
  return Object.freeze({
    nowSeconds: nsToSeconds(nowNs),
    inputTokens: query.promptTokens,
    cachedTokens: query.cachedTokens,
    prefillCachedTokens: known(query.prefillCachedTokens),
    prefillTokens: known(query.prefillTokens),
    prefillRequests: known(query.prefillRequests),
    prefillRejected: query.prefillRejected,
    decodePrefillTokens: known(query.decodePrefillTokens),
    decodeRequests: known(query.decodeRequests),
    decodeBlocks: known(query.potentialDecodeBlocks),
    totalBlocks: known(query.totalDecodeBlocks),
  });
}

function known(value: number): number | undefined {
  return value === UNKNOWN ? undefined : value;
}
