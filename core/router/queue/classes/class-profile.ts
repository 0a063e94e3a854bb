import type { QueuePolicyName } from '../queue-policy.ts';

/** A queue of its own: who waits in it, in which order, until when, and how many may. */
export interface PolicyClass {
  readonly name: string;
  /** Requests of this family and bucket come here; both absent = only requests that name the class. */
  readonly family?: string;
  readonly bucket?: string;
  readonly queuePolicy: QueuePolicyName;
  /** Tokens that the class may send for each round of the ring, ≥ 1. */
  readonly quantum: number;
  /** A target with more active prefill tokens than this is busy for the class. */
  readonly busyThresholdTokens?: number;
  /** The same as a fraction of maxNumBatchedTokens; either makes a target busy. */
  readonly busyThresholdFraction?: number;
  /** Most that may wait for each worker: requests, prompt tokens, and cached ones of those. */
  readonly requestLimitPerWorker?: number;
  readonly rawTokenLimitPerWorker?: number;
  readonly cachedTokenLimitPerWorker?: number;
}

/** A range of uncached prompt tokens, from `minTokens` to the next bucket's. */
export interface TokenBucket {
  readonly name: string;
  readonly minTokens: number;
}

/** The classes of a router. Every family has one class for each bucket. */
export interface ClassProfile {
  /** The family of requests that name neither a family nor a class of their own. */
  readonly defaultFamily: string;
  /** Ascending, the first from 0 on. */
  readonly buckets: readonly TokenBucket[];
  readonly classes: readonly PolicyClass[];
}

/** The profile of a router without classes: a single one, whose threshold is a fraction. */
export function singleClassProfile(
  queuePolicy: QueuePolicyName,
  busyThresholdFraction: number,
): ClassProfile {
  const family = 'default';
  const bucket = 'all';
  return {
    defaultFamily: family,
    buckets: [{ name: bucket, minTokens: 0 }],
    classes: [{ name: 'default', family, bucket, queuePolicy, quantum: 1, busyThresholdFraction }],
  };
}

/** The active prefill tokens above which a target is busy for the class; Infinity = never. */
export function thresholdTokens(policyClass: PolicyClass, maxNumBatchedTokens: number): number {
  const { busyThresholdTokens = Infinity, busyThresholdFraction = Infinity } = policyClass;
  return Math.min(busyThresholdTokens, busyThresholdFraction * maxNumBatchedTokens);
}
