import type { Ns } from '#core/base/time.ts';
import { type BypassQuery, effectiveIsl, UNKNOWN } from '../bypass-query.ts';
import type { DisaggregationPolicy } from '../disaggregation-policy.ts';
import { BYPASS_PREFILL_REJECTED, BYPASS_TUNED, REMOTE } from '../verdict.ts';
import { RecentMean } from './recent-mean.ts';
import { TrackedLevel } from './tracked-level.ts';

/** The knobs of the policy. */
export interface SelfTuningOptions {
  /** Time between two moves of the levels. */
  readonly intervalNs: Ns;
  /** The threshold never leaves these bounds, in tokens. */
  readonly leastThreshold: number;
  readonly mostThreshold: number;
}

/** Levels count requests on a worker; more than this many are not told apart. */
const MOST_REQUESTS = 4096;

/**
 * Bypasses where that costs all requests together less time than a remote prefill, see the README.
 * What one prompt token costs either way is followed by two levels, and with them and the queues of
 * the moment goes the threshold.
 *
 *     threshold = (queue + hand-over + heldUpRemotely × uncached there) ÷ heldUpLocally
 */
export class SelfTuning implements DisaggregationPolicy {
  readonly #options: SelfTuningOptions;
  readonly #heldUpLocally = new TrackedLevel(MOST_REQUESTS);
  readonly #heldUpRemotely = new TrackedLevel(MOST_REQUESTS);
  readonly #nsPerToken = new RecentMean();
  readonly #handOverNs = new RecentMean();
  #sampleNs: Ns;
  #samples = 0;
  #locally = 0;
  #remotely = 0;

  constructor(options: SelfTuningOptions) {
    this.#options = options;
    this.#sampleNs = options.intervalNs;
  }

  judge(query: Readonly<BypassQuery>, nowNs: Ns): number {
    if (nowNs >= this.#sampleNs) this.#move(nowNs);
    this.#samples++;
    this.#locally += 1 + Math.max(0, query.decodeRequests);
    this.#remotely += 1 + Math.max(0, query.prefillRequests) + query.promisedRequests;
    if (query.prefillRejected) return BYPASS_PREFILL_REJECTED;
    return effectiveIsl(query) < this.thresholdFor(query) ? BYPASS_TUNED : REMOTE;
  }

  prefilled(tokens: number, tookNs: Ns): void {
    this.#nsPerToken.add(tookNs, tokens);
  }

  handedOver(tookNs: Ns): void {
    this.#handOverNs.add(tookNs, 1);
  }

  /** Uncached prompt tokens below which the request bypasses now. */
  thresholdFor(query: Readonly<BypassQuery>): number {
    const { leastThreshold, mostThreshold } = this.#options;
    const nsPerToken = this.#nsPerToken.value;
    const handOver = nsPerToken > 0 ? this.#handOverNs.value / nsPerToken : 0;
    const there = Math.max(0, query.prefillTokens) + query.promisedTokens;
    const queue = there - Math.max(0, query.decodePrefillTokens);
    const isKnown = query.prefillCachedTokens !== UNKNOWN;
    const cached = isKnown ? query.prefillCachedTokens : query.cachedTokens;
    const uncached = Math.max(0, query.promptTokens - cached);
    const remote = queue + handOver + this.#heldUpRemotely.value * uncached;
    const threshold = remote / this.#heldUpLocally.value;
    return Math.min(mostThreshold, Math.max(leastThreshold, threshold));
  }

  /** The levels follow what the decisions of the interval have seen. */
  #move(nowNs: Ns): void {
    this.#sampleNs = nowNs + this.#options.intervalNs;
    if (this.#samples === 0) return;
    this.#heldUpLocally.follow(this.#locally / this.#samples);
    this.#heldUpRemotely.follow(this.#remotely / this.#samples);
    this.#samples = 0;
    this.#locally = 0;
    this.#remotely = 0;
  }
}
