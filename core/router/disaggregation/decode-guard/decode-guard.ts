import type { Ns } from '#core/base/time.ts';
import { type BypassQuery, UNKNOWN } from '../bypass-query.ts';
import type { DisaggregationPolicy } from '../disaggregation-policy.ts';
import { isBypass, REMOTE_DECODE_FULL, REMOTE_DECODE_UNKNOWN } from '../verdict.ts';

/**
 * Stands before any policy: a bypass that would fill the decode worker's blocks beyond a part of all
 * is called off (Dynamo's conditional_bypass.rs, decode gate).
 */
export class DecodeGuard implements DisaggregationPolicy {
  readonly #policy: DisaggregationPolicy;
  readonly #busyThreshold: number;

  /** `busyThreshold`: part of all KV blocks that a bypass may fill, itself included. */
  constructor(policy: DisaggregationPolicy, busyThreshold: number) {
    this.#policy = policy;
    this.#busyThreshold = busyThreshold;
  }

  judge(query: Readonly<BypassQuery>, nowNs: Ns): number {
    const verdict = this.#policy.judge(query, nowNs);
    if (!isBypass(verdict)) return verdict;
    const { potentialDecodeBlocks, totalDecodeBlocks } = query;
    if (potentialDecodeBlocks === UNKNOWN || totalDecodeBlocks === UNKNOWN) {
      return REMOTE_DECODE_UNKNOWN;
    }
    const isFull = potentialDecodeBlocks > this.#busyThreshold * totalDecodeBlocks;
    return isFull ? REMOTE_DECODE_FULL : verdict;
  }

  prefilled(tokens: number, tookNs: Ns): void {
    this.#policy.prefilled?.(tokens, tookNs);
  }

  handedOver(tookNs: Ns): void {
    this.#policy.handedOver?.(tookNs);
  }
}
