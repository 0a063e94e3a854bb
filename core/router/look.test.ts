import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import '#test/property-seed.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { flatForest } from '#test/reference/user-policy.ts';
import type { RouterOptions } from './options.ts';
import { newRouteQuery, type PrefillOutlook, type RouteQuery } from './query.ts';
import { Router } from './router.ts';

function newRouter(changes: Partial<RouterOptions> = {}): Router {
  return new Router(kvOptions(3, changes), flatForest(8, 10), openStream(1, 'prefill'));
}

function queryOf(request: number, more: Partial<RouteQuery> = {}): RouteQuery {
  const path = { leaf: request % 8, leafBlocks: 10, totalBlocks: 10, inputTokens: 165 };
  return { ...newRouteQuery(), request, ...path, ...more };
}

function outlook(router: Router, query: RouteQuery, nowNs = 0): PrefillOutlook {
  const { prefillTokens, prefillRequests, prefillCachedTokens, prefillRejected } = newRouteQuery();
  const out = { prefillTokens, prefillRequests, prefillCachedTokens, prefillRejected };
  router.look(query, nowNs, out);
  return out;
}

test('what a request would meet on the target that it would go to', () => {
  const router = newRouter();
  for (const target of [0, 1]) router.arrive(queryOf(target, { pinnedTarget: target }), 0);
  router.stored(1, 3, 9);
  const met = { prefillTokens: 165, prefillRequests: 1, prefillCachedTokens: 144 };
  const pin = { pinnedTarget: 1 };
  expect(outlook(router, queryOf(3, pin))).toEqual({ ...met, prefillRejected: 0 });
  const idle = { prefillTokens: 0, prefillRequests: 0, prefillCachedTokens: 0 };
  expect(outlook(router, queryOf(4))).toEqual({ ...idle, prefillRejected: 0 });
});

test('nothing is known where the mode looks at no prompt, or nobody is eligible', () => {
  const unknown = { prefillTokens: -1, prefillRequests: -1, prefillCachedTokens: -1 };
  const blind = newRouter({ mode: 'round_robin' });
  expect(outlook(blind, queryOf(0))).toEqual({ ...unknown, prefillRejected: 0 });
  const gone = newRouter();
  for (const target of [0, 1, 2]) gone.removeTarget(target, 0);
  expect(outlook(gone, queryOf(0))).toEqual({ ...unknown, prefillRejected: 0 });
});

test('a full queue is said, and nobody enters it', () => {
  const limited = {
    name: 'only',
    queuePolicy: 'fcfs',
    quantum: 1,
    busyThresholdTokens: 0,
    requestLimitPerWorker: 0,
  } as const;
  const profile = {
    defaultFamily: 'only',
    buckets: [{ name: 'any', minTokens: 0 }],
    classes: [{ ...limited, family: 'only', bucket: 'any' }],
  };
  const router = newRouter({ classes: profile });
  for (const target of [0, 1, 2]) router.arrive(queryOf(target), 0);
  expect(outlook(router, queryOf(5)).prefillRejected).toBe(1);
  expect(router.pendingCount).toBe(0);
});

test('who looks changes nothing of what is decided, ties and draws included', () => {
  const fact = fc.record({ request: fc.integer({ min: 0, max: 200 }), stays: fc.boolean() });
  const temperatures = fc.constantFrom(0, 0.7);
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 60 }), temperatures, (facts, temperature) => {
      const seen = newRouter({ temperature });
      const unseen = newRouter({ temperature });
      for (const [at, { request, stays }] of facts.entries()) {
        const query = queryOf(request);
        if (seen.sequences.targetOf(request) >= 0) {
          for (const router of [seen, unseen]) router.free(request, at);
          continue;
        }
        const { prefillTokens } = outlook(seen, query, at);
        // Who stays away has only looked.
        if (!stays) continue;
        const before = Float64Array.from(seen.sequences.activePrefillTokens);
        for (const router of [seen, unseen]) router.arrive(query, at);
        const target = seen.decisions.target[0]!;
        expect(unseen.decisions.target[0]).toBe(target);
        expect(before[target]).toBe(prefillTokens);
        for (const router of [seen, unseen]) router.decisions.clear();
      }
    }),
  );
});
