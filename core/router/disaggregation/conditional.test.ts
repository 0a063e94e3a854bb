import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { NS_PER_MS } from '#core/base/time.ts';
import '#test/property-seed.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { flatForest } from '#test/reference/user-policy.ts';
import { outcomeName } from '../decisions.ts';
import type { RouterOptions } from '../options.ts';
import { newRouteQuery, type RouteQuery } from '../query.ts';
import { Router } from '../router.ts';
import type { DisaggregationOptions } from './options.ts';
import { verdictName } from './verdict.ts';

const ISL: DisaggregationOptions = {
  policy: 'isl_bounding',
  effIslThreshold: 64,
  effIslRatioThreshold: 0.7,
};

/** Eight prompts of ten blocks of 16 tokens each, that share nothing. */
function newRouter(
  disaggregation: DisaggregationOptions,
  more: Partial<RouterOptions> = {},
): Router {
  const options = kvOptions(2, { disaggregation, totalKvBlocks: 40, ...more });
  return new Router(options, flatForest(8, 10), openStream(1, 'decode'));
}

function ask(request: number, more: Partial<RouteQuery> = {}): RouteQuery {
  const path = { leaf: request % 8, leafBlocks: 10, totalBlocks: 10, inputTokens: 160 };
  return { ...newRouteQuery(), request, ...path, mayBypass: 1, ...more };
}

/** Drains the log: target, outcome and verdict of each decision. */
function decided(router: Router): string[] {
  const { count, target, outcome, verdict } = router.decisions;
  router.decisions.clear();
  return Array.from({ length: count }, (_, row) => {
    return `${target[row]} ${outcomeName(outcome[row]!)} ${verdictName(verdict[row]!)}`;
  });
}

test('a bypass is routed and booked at once, a remote prefill is not', () => {
  const router = newRouter(ISL);
  router.stored(1, 0, 8);
  router.arrive(ask(0), 0);
  expect(decided(router)).toEqual(['1 routed short_prompt']);
  expect(router.sequences.activePrefillTokens[1]).toBe(32);
  router.arrive(ask(1), 0);
  expect(decided(router)).toEqual(['-1 remote_prefill remote']);
  expect(router.sequences.targetOf(1)).toBe(-1);
  // The second leg comes under the same number, and is asked nothing.
  router.arrive(ask(1, { mayBypass: 0 }), 5);
  expect(decided(router)[0]).toMatch(/routed remote$/);
});

test('a router that does not disaggregate routes whatever it is asked', () => {
  const router = new Router(kvOptions(2), flatForest(8, 10), openStream(1, 'decode'));
  router.arrive(ask(0), 0);
  expect(decided(router)[0]).toMatch(/routed remote$/);
});

test('the outlook of the prefill pool decides', () => {
  const router = newRouter({ policy: 'prefill_load', prefillBusyTokens: 500 });
  router.arrive(ask(0, { prefillTokens: 500 }), 0);
  router.arrive(ask(1, { prefillTokens: 501 }), 0);
  router.arrive(ask(2, { prefillTokens: 0, prefillRejected: 1 }), 0);
  const verdicts = decided(router).map((row) => row.split(' ')[2]);
  expect(verdicts).toEqual(['remote', 'prefill_busy', 'prefill_rejected']);
});

test('with nobody to go to, or only to wait for, the prompt is prefilled remotely', () => {
  const always: DisaggregationOptions = { ...ISL, effIslThreshold: 1e9, effIslRatioThreshold: 2 };
  const router = newRouter(always, { queueThreshold: 1 });
  router.setAvailable(0, false, 0);
  router.setAvailable(1, false, 0);
  router.arrive(ask(0), 0);
  router.setAvailable(0, true, 0);
  router.arrive(ask(1), 0);
  // 160 tokens under way are more than the threshold of 100.
  router.arrive(ask(2), 0);
  expect(decided(router)).toEqual([
    '-1 remote_prefill decode_busy',
    '0 routed short_prompt',
    '-1 remote_prefill decode_busy',
  ]);
  expect(router.pendingCount).toBe(0);
});

test('blocks that the target uses already count once for the guard', () => {
  const always = { ...ISL, effIslThreshold: 1e9, effIslRatioThreshold: 2 };
  const router = newRouter({ ...always, decodeBusyThreshold: 0.375 }, { targets: 1 });
  // 15 of 40 blocks may be in use: one prompt of ten, and what it shares.
  router.arrive(ask(0), 0);
  router.arrive(ask(1), 0);
  router.arrive(ask(8), 0);
  expect(decided(router)).toEqual([
    '0 routed short_prompt',
    '-1 remote_prefill decode_full',
    '0 routed short_prompt',
  ]);
});

test('the policy learns how long remote prefills and hand-overs take', () => {
  const tuning = { intervalNs: 1e9, leastThreshold: 0, mostThreshold: 1e6 };
  const router = newRouter({ policy: 'self_tuning', ...tuning });
  const idle = { prefillTokens: 0, prefillRequests: 0, prefillCachedTokens: 0 };
  router.arrive(ask(0, idle), 0);
  router.remotelyPrefilled(0, 160 * NS_PER_MS);
  router.handedOver(0, 170 * NS_PER_MS);
  router.handedOver(7, 170 * NS_PER_MS);
  // A millisecond a token: a hand-over is worth ten, so that the tie is broken.
  router.arrive(ask(1, idle), 170 * NS_PER_MS);
  expect(decided(router)).toEqual([
    '-1 remote_prefill remote',
    expect.stringMatching(/routed tuned_threshold$/),
  ]);
});

test('what a request waits for room before its prefill is time of the hand-over', () => {
  const tuning = { intervalNs: 1e9, leastThreshold: 0, mostThreshold: 1e6 };
  const bypasses = [0, 90].map((waitedMs) => {
    const router = newRouter({ policy: 'self_tuning', ...tuning });
    const idle = { prefillTokens: 0, prefillRequests: 0, prefillCachedTokens: 0 };
    router.arrive(ask(0, idle), 0);
    router.roomReserved(0, waitedMs * NS_PER_MS);
    router.remotelyPrefilled(0, (waitedMs + 160) * NS_PER_MS);
    router.handedOver(0, (waitedMs + 170) * NS_PER_MS);
    // A millisecond a token either way: a hand-over is worth ten of them, or a hundred.
    router.arrive(ask(1, { ...idle, prefillCachedTokens: 50 }), 3e8);
    return /tuned_threshold$/.test(decided(router).at(-1)!);
  });
  expect(bypasses).toEqual([false, true]);
});

test('who waits for its KV blocks on the target is held up by nobody there', () => {
  const router = newRouter(ISL, { targets: 1 });
  const seen: number[] = [];
  router.observer = {
    chosen: (_query, target) => target,
    judged: ({ decodeRequests }) => seen.push(decodeRequests),
  };
  router.arrive(ask(0), 0);
  router.arrive(ask(0, { mayBypass: 0 }), 1);
  router.arrive(ask(1), 2);
  router.handedOver(0, 3);
  router.arrive(ask(2), 4);
  router.free(0, 5);
  router.arrive(ask(3), 6);
  expect(seen).toEqual([0, 0, 1, 0]);
});

test('no bypass leaves more blocks in use than the guard allows, whatever comes and goes', () => {
  const step = fc.record({
    kind: fc.constantFrom('ask', 'second leg', 'free'),
    request: fc.integer({ min: 0, max: 40 }),
    leafBlocks: fc.integer({ min: 1, max: 10 }),
    tailBlocks: fc.integer({ min: 0, max: 3 }),
  });
  const steps = fc.array(step, { maxLength: 120 });
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (facts, threshold) => {
      const always = { ...ISL, effIslThreshold: 1e9, effIslRatioThreshold: 2 };
      const router = newRouter({ ...always, decodeBusyThreshold: threshold });
      for (const { kind, request, leafBlocks, tailBlocks } of facts) {
        const isActive = router.sequences.targetOf(request) >= 0;
        if (kind === 'free') router.free(request, 0);
        else if (!isActive) {
          const mayBypass = kind === 'ask' ? 1 : 0;
          const blocks = { leafBlocks, totalBlocks: leafBlocks, tailBlocks, mayBypass };
          router.arrive(ask(request, blocks), 0);
        }
        const { count, target } = router.decisions;
        if (kind === 'ask' && count > 0 && target[0]! >= 0) {
          expect(router.sequences.activeBlocks[target[0]!]).toBeLessThanOrEqual(threshold * 40);
        }
        router.decisions.clear();
      }
    }),
  );
});
