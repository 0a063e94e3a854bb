import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { ALL_WORKERS_OVERLOADED, NO_ENDPOINTS, ROUTED } from './decisions.ts';
import { newRouteQuery } from './query.ts';
import { Router } from './router.ts';

/** One prompt of 8 blocks of 16 tokens. */
const forest = { parent: Int32Array.of(-1), attach: Int32Array.of(0), length: Int32Array.of(8) };
const prompt = { ...newRouteQuery(), leaf: 0, leafBlocks: 8, totalBlocks: 8, inputTokens: 128 };

test('advice is the first of the cheapest, and leaves no trace', () => {
  const router = new Router(kvOptions(3), forest, openStream(1, 'test'));
  const twin = new Router(kvOptions(3), forest, openStream(1, 'test'));
  for (let round = 0; round < 20; round++) {
    expect(router.advise({ ...prompt, request: 1000 })).toEqual({
      outcome: ROUTED,
      target: [...router.sequences.activeBlocks.subarray(0, 3)].findIndex(
        (blocks, _target, all) => blocks === Math.min(...all),
      ),
      overlapBlocks: 0,
      cachedTokens: 0,
    });
    const query = { ...newRouteQuery(), request: round, inputTokens: 100, tailBlocks: 6 };
    router.arrive(query, round);
    twin.arrive(query, round);
  }
  expect(router.decisions.count).toBe(20);
  expect([...router.decisions.target.subarray(0, 20)]).toEqual([
    ...twin.decisions.target.subarray(0, 20),
  ]);
  expect(router.sequences.targetOf(1000)).toBe(-1);
});

test('advice knows overlap, terms, pins and overload', () => {
  const router = new Router(
    kvOptions(3, { busyThresholds: { activePrefillTokens: 50 } }),
    forest,
    openStream(1, 'test'),
  );
  router.stored(2, 0, 5);
  expect(router.advise(prompt)).toMatchObject({ target: 2, overlapBlocks: 5, cachedTokens: 80 });
  router.defineTerms(0, { excludedWorkers: [2] });
  expect(router.advise({ ...prompt, terms: 0 })).toMatchObject({ target: 0, overlapBlocks: 0 });
  expect(router.advise({ ...prompt, pinnedTarget: 1 })).toMatchObject({ target: 1 });
  router.defineTerms(1, { requiredTaints: ['h100'] });
  expect(router.advise({ ...prompt, terms: 1 })).toMatchObject({
    target: -1,
    outcome: NO_ENDPOINTS,
  });
  for (const target of [0, 1, 2]) router.loadReported(target, 51, -1, -1, 0);
  expect(router.advise(prompt)).toMatchObject({ target: -1, outcome: ALL_WORKERS_OVERLOADED });
});

test('a hint names the peer with the longest prefix beyond the chosen one, the lowest of equals', () => {
  const router = new Router(kvOptions(4, { routerHints: true }), forest, openStream(1, 'test'));
  for (const [target, blocks] of [
    [0, 2],
    [1, 6],
    [2, 6],
    [3, 4],
  ] as const) {
    router.stored(target, 0, blocks);
  }
  const peers = [0, 1, 3].map((pinnedTarget, request) => {
    router.arrive({ ...prompt, request, pinnedTarget }, 0);
    return router.explainLast.peer;
  });
  expect(peers).toEqual([1, -1, 1]);
});
