import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { NaivePrefill } from '../reference/naive-prefill.ts';
import { kvOptions } from '../reference/router-options.ts';
import { check } from './check.ts';

const TARGETS = 5;
const MS_PER_TOKEN = 0.25;
const forest = { parent: Int32Array.of(), attach: Int32Array.of(), length: Int32Array.of() };

/** A prompt of n tokens is expected to take a quarter of a millisecond a token. */
const prefillLoad = {
  model: 'timing',
  times: {
    pieces: [{ upTo: Number.MAX_SAFE_INTEGER, c0: 0, c1: MS_PER_TOKEN, c2: 0 }],
    perPrefixTokenMs: 0,
  },
} as const;

const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'completed'),
  request: fc.nat({ max: 30 }),
  tokens: fc.integer({ min: 1, max: 400 }),
  gapMs: fc.constantFrom(0, 1, 13, 60, 500),
});

test('the target of the least prefill is that of the moment, however much time has passed', () => {
  const history = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });
  check(history, 200, (steps) => {
    const options = kvOptions(TARGETS, { prefillLoad, trackActiveBlocks: false });
    const router = new Router(options, forest, openStream(4, 'router'));
    const naive = Array.from({ length: TARGETS }, () => new NaivePrefill());
    const targetOf = new Map<number, number>();
    let nowNs = 0;
    let requests = 0;
    for (const { kind, request, tokens, gapMs } of steps) {
      nowNs += gapMs * NS_PER_MS;
      if (kind === 'completed') {
        const target = targetOf.get(request);
        router.prefillCompleted(request, nowNs);
        if (target !== undefined) naive[target]!.remove(request, nowNs);
        continue;
      }
      const loads = naive.map((prompts) => prompts.tokensAt(nowNs));
      const query = { ...newRouteQuery(), request: requests++, inputTokens: tokens };
      router.arrive(query, nowNs);
      const target = router.decisions.target[0]!;
      router.decisions.clear();
      expect(loads[target]).toBe(Math.min(...loads));
      expect(router.explainLast.prefillTokens).toBe(loads[target]);
      naive[target]!.add(query.request, tokens, tokens * MS_PER_TOKEN * NS_PER_MS, nowNs);
      targetOf.set(query.request, target);
    }
  });
});

test('a waiting request leaves at the first moment at which a target has shrunk enough', () => {
  const prompts = fc.array(fc.integer({ min: 60, max: 400 }), { minLength: 3, maxLength: 12 });
  check(prompts, 200, (tokens) => {
    const options = kvOptions(2, { prefillLoad, queueThreshold: 0.5, trackActiveBlocks: false });
    const limit = 0.5 * options.maxNumBatchedTokens;
    const router = new Router(options, forest, openStream(4, 'router'));
    const naive = [new NaivePrefill(), new NaivePrefill()];
    const book = (nowNs: number) => {
      const { decisions } = router;
      for (let row = 0; row < decisions.count; row++) {
        const request = decisions.request[row]!;
        const durationNs = tokens[request]! * MS_PER_TOKEN * NS_PER_MS;
        naive[decisions.target[row]!]!.add(request, tokens[request]!, durationNs, nowNs);
      }
      const { count } = decisions;
      decisions.clear();
      return count;
    };
    let nowNs = 0;
    for (const [request, inputTokens] of tokens.entries()) {
      router.arrive({ ...newRouteQuery(), request, inputTokens }, nowNs);
      book(nowNs);
    }
    while (router.pendingCount > 0) {
      const wakeupNs = router.nextWakeupNs()!;
      expect(wakeupNs).toBeGreaterThan(nowNs);
      const least = (atNs: number) => Math.min(...naive.map((each) => each.tokensAt(atNs)));
      expect(least(wakeupNs - 1)).toBeGreaterThan(limit);
      expect(least(wakeupNs)).toBeLessThanOrEqual(limit);
      nowNs = wakeupNs;
      router.tick(nowNs);
      expect(book(nowNs)).toBeGreaterThan(0);
    }
    expect(router.nextWakeupNs()).toBeUndefined();
  });
});

test('a waiting request leaves when the load in its way has expired', () => {
  const options = kvOptions(1, { queueThreshold: 0.5, requestExpiryNs: 300 * NS_PER_S });
  const router = new Router(options, forest, openStream(4, 'router'));
  const query = { ...newRouteQuery(), inputTokens: 90 };
  router.arrive({ ...query, request: 0 }, 10 * NS_PER_S);
  router.arrive({ ...query, request: 1 }, 20 * NS_PER_S);
  router.decisions.clear();
  // It is looked at every minute; the first of those after 310 s finds the other request stale.
  const wakeups: number[] = [];
  while (router.pendingCount > 0) {
    const wakeupNs = router.nextWakeupNs()!;
    wakeups.push(wakeupNs / NS_PER_S);
    router.tick(wakeupNs);
  }
  expect(wakeups.at(-1)).toBe(360);
  expect([router.sequences.targetOf(0), router.sequences.targetOf(1)]).toEqual([-1, 0]);
});

test('an end that is told by a target counts only while the request is its own', () => {
  const router = new Router(kvOptions(2), forest, openStream(4, 'router'));
  router.arrive({ ...newRouteQuery(), pinnedTarget: 1 }, 0);
  router.freeOn(0, 0, 5);
  router.freeOn(0, 9, 5);
  expect(router.sequences.targetOf(0)).toBe(1);
  router.freeOn(1, 0, 6);
  router.freeOn(1, 0, 7);
  expect(router.sequences.activeRequests[1]).toBe(0);
});
