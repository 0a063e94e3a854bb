import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import type { Candidate, RouteRequest } from '../../router/policies/pipeline/selection.ts';
import { activeRequest, freeShare, leastFirst, loadAware, tokenLoad } from './load-scorers.ts';
import { affinityFilter, cachedRank, cachedShare } from './prefix-steps.ts';
import { NoHitLru, SessionAffinity } from './remembering-scorers.ts';

function candidate(worker: number, facts: Partial<Candidate> = {}): Candidate {
  return {
    worker,
    cachedBlocks: 0,
    cachedTokens: 0,
    activeBlocks: 0,
    additionalBlocks: 0,
    activePrefillTokens: 0,
    activeRequests: 0,
    waitingRequests: 0,
    kvBlocks: 100,
    preferenceFactor: 1,
    ...facts,
  };
}

function request(facts: Partial<RouteRequest> = {}): RouteRequest {
  const neutral = { id: 0, inputTokens: 64, blocks: 4, blockSize: 16, session: -1 };
  return { ...neutral, priority: 0, strictPriority: 0, ...facts };
}

/** Workers 0, 1, 2 … that have cached so many blocks. */
function cached(...blocks: readonly number[]): Candidate[] {
  return blocks.map((cachedBlocks, worker) => candidate(worker, { cachedBlocks }));
}

/** Workers 0, 1, 2 … with so many requests under way. */
function busy(...requests: readonly number[]): Candidate[] {
  return requests.map((activeRequests, worker) => candidate(worker, { activeRequests }));
}

test('load is normalised over the candidates, and alike is 1', () => {
  const scores = leastFirst(({ activeRequests }) => activeRequests);
  expect(scores(busy(0, 3, 4))).toEqual([1, 0.25, 0]);
  expect(scores(busy(3, 3))).toEqual([1, 1]);
});

test('waiting requests up to the threshold take half of the score away', () => {
  const score = loadAware(128);
  const scores = [0, 32, 128, 500].map((waitingRequests) =>
    score(candidate(0, { waitingRequests })),
  );
  expect(scores).toEqual([0.5, 0.375, 0, 0]);
});

test('idle workers score 1, busy ones by their distance to the busiest', () => {
  expect(activeRequest(0, 1)(busy(0, 1, 4))).toEqual([1, 0.75, 0]);
  expect(activeRequest(1, 0.5)(busy(0, 1, 2, 4))).toEqual([1, 1, 0.25, 0]);
  expect(activeRequest(0, 1)(busy(0, 0))).toEqual([1, 1]);
});

test('tokens and blocks count by their share', () => {
  const score = tokenLoad(1024, 16);
  const scores = [0, 16, 64, 80].map((activeBlocks) => score(candidate(0, { activeBlocks })));
  expect(scores).toEqual([1, 0.75, 0, 0]);
  expect(freeShare(candidate(0, { activeBlocks: 25 }))).toBe(0.75);
  expect(freeShare(candidate(0, { activeBlocks: 120 }))).toBe(0);
});

test('a prefix counts by its share of the prompt, or by its rank among the hits', () => {
  const [none, half, all] = cached(0, 2, 4) as [Candidate, Candidate, Candidate];
  const share = cachedShare(Number.POSITIVE_INFINITY);
  expect([none, half, all].map((one) => share(one, request()))).toEqual([0, 0.5, 1]);
  expect(cachedShare(2)(half, request())).toBe(1);
  expect(share(none, request({ blocks: 0 }))).toBe(0);
  expect(cachedRank(cached(0, 2, 3, 4))).toEqual([0, 0, 0.5, 1]);
  expect(cachedRank(cached(0, 3))).toEqual([0, 1]);
  expect(cachedRank(cached(0, 0))).toEqual([0, 0]);
});

test('the affinity filter keeps who has most of the prompt, and all where nobody has', () => {
  const stream = openStream(1, 'filter');
  const random = {
    float: () => stream.nextFloat(),
    below: (bound: number) => stream.nextBelow(bound),
  };
  const never = affinityFilter(0.75, 0);
  expect(never(cached(0, 3, 4), request(), random)).toEqual([false, true, true]);
  expect(never(cached(0, 1, 2), request(), random)).toEqual([true, true, true]);
  expect(affinityFilter(0.75, 1)(cached(0, 4), request(), random)).toEqual([true, true]);
});

test('cold requests go round by who got one longest ago', () => {
  const lru = new NoHitLru(1024);
  const workers = cached(0, 0, 0);
  const scores = (id: number): number[] => lru.scoreAll(workers, request({ id }));
  expect(scores(0)).toEqual([1, 0.5, 0]);
  lru.routed(1, request({ id: 0 }));
  // 0 and 2 never had one and come first, in their order; 1 is last.
  expect(scores(1)).toEqual([1, 0, 0.5]);
  lru.routed(0, request({ id: 1 }));
  expect(scores(2)).toEqual([0, 0.5, 1]);
  // A request with a hit is neutral, and leaves no trace.
  expect(lru.scoreAll(cached(1, 0, 0), request({ id: 3 }))).toEqual([0.5, 0.5, 0.5]);
  lru.routed(2, request({ id: 3 }));
  expect(scores(4)).toEqual([0, 0.5, 1]);
  expect(lru.scoreAll(cached(0), request())).toEqual([1]);
});

test('a session stays where it was, and requests without one belong nowhere', () => {
  const affinity = new SessionAffinity();
  const workers = cached(0, 0);
  expect(affinity.scoreAll(workers, request({ session: 7 }))).toEqual([0, 0]);
  affinity.routed(1, request({ session: 7 }));
  affinity.routed(0, request({ session: -1 }));
  expect(affinity.scoreAll(workers, request({ session: 7 }))).toEqual([0, 1]);
  expect(affinity.scoreAll(workers, request({ session: 8 }))).toEqual([0, 0]);
  expect(affinity.scoreAll(workers, request({ session: -1 }))).toEqual([0, 0]);
});
