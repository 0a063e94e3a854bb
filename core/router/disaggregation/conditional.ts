import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { RoutingPolicy } from '../policies/routing-policy.ts';
import type { RouteQuery } from '../query.ts';
import type { ActiveSequences } from '../sequences/active-sequences.ts';
import { type BypassQuery, newBypassQuery, UNKNOWN } from './bypass-query.ts';
import type { DisaggregationPolicy } from './disaggregation-policy.ts';
import { type DisaggregationOptions, openDisaggregation, type UserRule } from './options.ts';
import { isBypass } from './verdict.ts';

/** What the router of the decode pool knows. */
export interface DecodePool {
  readonly policy: RoutingPolicy;
  readonly sequences: ActiveSequences;
  /** KV blocks of one target; undefined = unknown. */
  readonly totalKvBlocks: number | undefined;
}

/**
 * Judges, for a router of a decode pool, where the prompts of its requests are prefilled, and tells
 * the policy how long it took where that was elsewhere.
 *
 *     #tokens[request]    prompt tokens before it and of its own on the prefill worker, −1 = not under way
 *     #sinceNs[request]   when it was sent there, then when its prefill was done
 *     #waitedNs[request]  how long room for it was waited for before that, where room comes first
 *     #bookedOn[request]  the target that waits for its KV blocks, −1 = none yet
 *     #expected[target]   requests booked there whose KV blocks have not come: nothing holds them up
 */
export class ConditionalDisaggregation {
  /** What the last verdict was about; reused. */
  readonly query: BypassQuery = newBypassQuery();
  readonly #policy: DisaggregationPolicy;
  readonly #decode: DecodePool;
  readonly #looksAtBlocks: boolean;
  #tokens = new Int32Array(64).fill(-1);
  #sinceNs = new Float64Array(64);
  #waitedNs = new Float64Array(64);
  #bookedOn = new Int32Array(64).fill(-1);
  #expected = new Int32Array(16);

  constructor(options: DisaggregationOptions, decode: DecodePool, user: UserRule | undefined) {
    this.#policy = openDisaggregation(options, user);
    this.#decode = decode;
    this.#looksAtBlocks = options.decodeBusyThreshold !== undefined || options.policy === 'policy';
  }

  /** The verdict on the prepared query, which would be served by the target. */
  judge(query: Readonly<RouteQuery>, target: number, nowNs: Ns): number {
    this.#fill(query, target);
    const verdict = this.#policy.judge(this.query, nowNs);
    if (!isBypass(verdict)) this.sent(query, nowNs);
    return verdict;
  }

  /** The prompt goes to the prefill pool. */
  sent(query: Readonly<RouteQuery>, nowNs: Ns): void {
    const { request, inputTokens, prefillTokens, prefillCachedTokens, promisedTokens } = query;
    if (request >= this.#tokens.length) {
      const before = this.#tokens.length;
      this.#tokens = growColumn(this.#tokens, request + 1).fill(-1, before);
      this.#sinceNs = growColumn(this.#sinceNs, request + 1);
      this.#waitedNs = growColumn(this.#waitedNs, request + 1);
      this.#bookedOn = growColumn(this.#bookedOn, request + 1).fill(-1, before);
    }
    const uncached = Math.max(0, inputTokens - Math.max(0, prefillCachedTokens));
    this.#tokens[request] = Math.max(0, prefillTokens) + promisedTokens + uncached;
    this.#sinceNs[request] = nowNs;
    this.#waitedNs[request] = 0;
  }

  /** Room stands for it on a decode worker, and only now it goes to the prefill worker. */
  roomReserved(request: number, nowNs: Ns): void {
    if (!this.#isUnderWay(request)) return;
    this.#waitedNs[request] = nowNs - this.#sinceNs[request]!;
    this.#sinceNs[request] = nowNs;
  }

  /** The request is load on the target from now on; its KV blocks may still have to come. */
  booked(request: number, target: number): void {
    if (!this.#isUnderWay(request)) return;
    this.#expected = growColumn(this.#expected, target + 1);
    this.#bookedOn[request] = target;
    this.#expected[target]! += 1;
  }

  /** The prefill of the request is done elsewhere; unknown requests are fine. */
  prefilled(request: number, nowNs: Ns): void {
    if (!this.#isUnderWay(request)) return;
    this.#policy.prefilled?.(this.#tokens[request]!, nowNs - this.#sinceNs[request]!);
    this.#sinceNs[request] = nowNs;
  }

  /** Its KV blocks have come; unknown requests are fine. */
  handedOver(request: number, nowNs: Ns): void {
    if (!this.#isUnderWay(request)) return;
    this.#policy.handedOver?.(this.#waitedNs[request]! + nowNs - this.#sinceNs[request]!);
    this.forget(request);
  }

  /** The request has ended, or nothing more will be told of it. */
  forget(request: number): void {
    if (!this.#isUnderWay(request)) return;
    this.#tokens[request] = -1;
    const target = this.#bookedOn[request]!;
    if (target >= 0) this.#expected[target]! -= 1;
    this.#bookedOn[request] = -1;
  }

  #isUnderWay(request: number): boolean {
    return request < this.#tokens.length && this.#tokens[request]! >= 0;
  }

  #fill(query: Readonly<RouteQuery>, target: number): void {
    const { policy, sequences, totalKvBlocks = UNKNOWN } = this.#decode;
    const out = this.query;
    out.promptTokens = query.inputTokens;
    out.cachedTokens = policy.cachedTokensOf(target);
    out.prefillTokens = query.prefillTokens;
    out.prefillRequests = query.prefillRequests;
    out.promisedTokens = query.promisedTokens;
    out.promisedRequests = query.promisedRequests;
    out.prefillCachedTokens = query.prefillCachedTokens;
    out.prefillRejected = query.prefillRejected === 1;
    out.decodePrefillTokens = sequences.activePrefillTokens[target]!;
    out.decodeRequests = sequences.activeRequests[target]! - (this.#expected[target] ?? 0);
    out.totalDecodeBlocks = totalKvBlocks;
    out.potentialDecodeBlocks = this.#looksAtBlocks
      ? this.#potentialBlocks(query, target)
      : UNKNOWN;
  }

  /** Blocks of the prompt that are in use on the target already are not used twice. */
  #potentialBlocks(query: Readonly<RouteQuery>, target: number): number {
    const { policy, sequences } = this.#decode;
    const shared = policy.candidate?.(query, target).sharedBlocks ?? 0;
    const added = Math.max(0, query.totalBlocks + query.tailBlocks - shared);
    return sequences.activeBlocks[target]! + added;
  }
}
