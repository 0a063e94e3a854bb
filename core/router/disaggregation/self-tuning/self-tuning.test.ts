import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import '#test/property-seed.ts';
import { type BypassQuery, newBypassQuery, UNKNOWN } from '../bypass-query.ts';
import { BYPASS_PREFILL_REJECTED, BYPASS_TUNED, isBypass, REMOTE } from '../verdict.ts';
import { SelfTuning } from './self-tuning.ts';

const OPTIONS = { intervalNs: NS_PER_S, leastThreshold: 16, mostThreshold: 32_768 };

/** A prompt of 1000 tokens, cached nowhere; the workers are idle. */
const IDLE: BypassQuery = {
  ...newBypassQuery(),
  promptTokens: 1000,
  prefillTokens: 0,
  prefillRequests: 0,
  prefillCachedTokens: 0,
  decodePrefillTokens: 0,
  decodeRequests: 0,
};

/** A policy to which a load was shown for so many intervals. */
function shown(load: Partial<BypassQuery>, seconds: number): SelfTuning {
  const policy = new SelfTuning(OPTIONS);
  for (let second = 0; second <= seconds; second++) {
    policy.judge({ ...IDLE, ...load }, second * NS_PER_S);
  }
  return policy;
}

test('on idle workers both ways cost the prefill, and the tie goes to the prefill pool', () => {
  const policy = new SelfTuning(OPTIONS);
  expect(policy.thresholdFor(IDLE)).toBe(1000);
  expect(policy.judge(IDLE, 0)).toBe(REMOTE);
});

test('the queue there, the queue here and the time of a hand-over enter in tokens', () => {
  const policy = new SelfTuning(OPTIONS);
  expect(policy.thresholdFor({ ...IDLE, prefillTokens: 700, decodePrefillTokens: 200 })).toBe(1500);
  // 50 µs a token: a hand-over of 20 ms is worth 400 tokens.
  policy.prefilled(2000, 100 * NS_PER_MS);
  policy.handedOver(20 * NS_PER_MS);
  expect(policy.thresholdFor(IDLE)).toBe(1400);
  expect(policy.judge(IDLE, 0)).toBe(BYPASS_TUNED);
});

test('who still waits for room before its prefill stands in the queue there, too', () => {
  const policy = new SelfTuning(OPTIONS);
  expect(policy.thresholdFor({ ...IDLE, prefillTokens: 700, promisedTokens: 300 })).toBe(2000);
  const remote = { promisedRequests: 9 };
  const settled = shown(remote, 20).thresholdFor({ ...IDLE, ...remote });
  expect(settled).toBeGreaterThan(1000 * (10 / 1.2));
  expect(settled).toBeLessThan(1000 * 10 * 1.2);
});

test('each token prefilled locally holds up the requests that decode there', () => {
  // Nine requests and the one that is asked about: the level goes from 1 towards 10.
  const policy = shown({ decodeRequests: 9 }, 20);
  const threshold = policy.thresholdFor({ ...IDLE, prefillTokens: 1000 });
  expect(threshold).toBeGreaterThan(2000 / (10 * 1.2));
  expect(threshold).toBeLessThan(2000 / (10 / 1.2));
});

test('what it has cached there is unknown: both ways then have as much to prefill', () => {
  const policy = new SelfTuning(OPTIONS);
  const query = { ...IDLE, cachedTokens: 600, prefillCachedTokens: UNKNOWN };
  expect(policy.thresholdFor(query)).toBe(400);
});

test('a queue that is full is bypassed', () => {
  const policy = new SelfTuning(OPTIONS);
  expect(policy.judge({ ...IDLE, prefillRejected: true }, 0)).toBe(BYPASS_PREFILL_REJECTED);
});

test('a constant load moves the threshold to a place where it stays', () => {
  const load = { decodeRequests: 40, prefillRequests: 6, prefillTokens: 9000 };
  const query = { ...IDLE, ...load };
  const settled = shown(load, 30).thresholdFor(query);
  for (const seconds of [31, 32, 60, 90]) {
    expect(shown(load, seconds).thresholdFor(query)).toBe(settled);
  }
});

const tokens = fc.integer({ min: 0, max: 200_000 });
const requests = fc.integer({ min: 0, max: 300 });
const query = fc.record({
  promptTokens: tokens,
  cachedTokens: tokens,
  prefillTokens: tokens,
  prefillRequests: requests,
  promisedTokens: tokens,
  promisedRequests: requests,
  prefillCachedTokens: tokens,
  prefillRejected: fc.constant(false),
  decodePrefillTokens: tokens,
  decodeRequests: requests,
  potentialDecodeBlocks: requests,
  totalDecodeBlocks: fc.constant(300),
});
const flight: fc.Arbitrary<Fact[]> = fc.array(
  fc.record({ query, stepNs: fc.integer({ min: 0, max: 3 * NS_PER_S }), tookNs: tokens }),
  { maxLength: 40 },
);

interface Fact {
  readonly query: BypassQuery;
  readonly stepNs: number;
  readonly tookNs: number;
}

function flown(facts: readonly Fact[]): { policy: SelfTuning; verdicts: number[] } {
  const policy = new SelfTuning(OPTIONS);
  const verdicts: number[] = [];
  let nowNs = 0;
  for (const fact of facts) {
    nowNs += fact.stepNs;
    verdicts.push(policy.judge(fact.query, nowNs));
    policy.prefilled(fact.query.promptTokens, fact.tookNs * 1000);
    policy.handedOver(fact.tookNs);
  }
  return { policy, verdicts };
}

test('the same facts give the same verdicts, and the threshold never leaves its bounds', () => {
  fc.assert(
    fc.property(flight, query, (facts, next) => {
      const { policy, verdicts } = flown(facts);
      expect(flown(facts).verdicts).toEqual(verdicts);
      const threshold = policy.thresholdFor(next);
      expect(threshold).toBeGreaterThanOrEqual(OPTIONS.leastThreshold);
      expect(threshold).toBeLessThanOrEqual(OPTIONS.mostThreshold);
    }),
  );
});

test('a longer queue there never keeps a prompt remote that bypassed a shorter one; here, the reverse', () => {
  fc.assert(
    fc.property(flight, query, tokens, (facts, next, more) => {
      const { policy } = flown(facts);
      const threshold = policy.thresholdFor(next);
      const there = { ...next, prefillTokens: next.prefillTokens + more };
      const here = { ...next, decodePrefillTokens: next.decodePrefillTokens + more };
      expect(policy.thresholdFor(there)).toBeGreaterThanOrEqual(threshold);
      expect(policy.thresholdFor(here)).toBeLessThanOrEqual(threshold);
      const shorter = { ...next, cachedTokens: next.cachedTokens + more };
      const nowNs = 1e12;
      if (isBypass(policy.judge(next, nowNs)))
        expect(isBypass(policy.judge(shorter, nowNs))).toBe(true);
    }),
  );
});
