import { assert } from './assert.ts';
import { NS_PER_S, type Ns } from './time.ts';

/** How fast tokens come, and how many are kept. */
export interface TokenBucket {
  /** A token comes each so often, at least 1 ns. */
  readonly intervalNs: Ns;
  /** Tokens that a full bucket holds, at least 1. */
  readonly burst: number;
}

/** A bucket that gets so many tokens per second; the interval is rounded to a nanosecond. */
export function tokenBucket(perSecond: number, burst: number): TokenBucket {
  assert(perSecond > 0 && burst >= 1, `no bucket: ${perSecond} tokens/s, ${burst} at once`);
  return { intervalNs: Math.max(1, Math.round(NS_PER_S / perSecond)), burst };
}

/**
 * How long until the bucket has a token; 0 = it has one now. All that is known of a bucket is when it
 * will be full, as in the generic cell rate algorithm (ITU-T I.371, annex A): a moment that has passed
 * says that it is full, and the tokens that it lacks are the intervals until then.
 */
export function waitForToken(bucket: TokenBucket, fullAtNs: Ns, nowNs: Ns): Ns {
  const { intervalNs, burst } = bucket;
  return Math.max(0, Math.max(fullAtNs, nowNs) + intervalNs - nowNs - burst * intervalNs);
}

/** When the bucket will be full, once a token is taken that it has. */
export function takeToken(bucket: TokenBucket, fullAtNs: Ns, nowNs: Ns): Ns {
  assert(waitForToken(bucket, fullAtNs, nowNs) === 0, 'a token is taken that is not there');
  return Math.max(fullAtNs, nowNs) + bucket.intervalNs;
}
