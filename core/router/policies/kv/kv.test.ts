import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import type { RouterOptions } from '../../options.ts';
import { newRouteQuery } from '../../query.ts';
import { Router } from '../../router.ts';

/** One prompt of 8 blocks, of 4 tokens each. */
const forest: BlockForest = {
  parent: Int32Array.of(-1),
  attach: Int32Array.of(0),
  length: Int32Array.of(8),
};

function newRouter(targets: number, changes: Partial<RouterOptions>): Router {
  const options = kvOptions(targets, { blockSize: 4, maxNumBatchedTokens: 8192, ...changes });
  return new Router(options, forest, openStream(42, 'kv'));
}

function choose(router: Router, request: number, blocks: number): number {
  const query = newRouteQuery();
  query.request = request;
  query.leaf = 0;
  query.leafBlocks = blocks;
  query.totalBlocks = blocks;
  query.inputTokens = 4 * blocks;
  router.arrive(query, 0);
  const target = router.decisions.target[0]!;
  router.decisions.clear();
  return target;
}

test('the longest cached prefix wins between idle targets', () => {
  const router = newRouter(3, {});
  router.stored(0, 0, 2);
  router.stored(2, 0, 6);
  expect(choose(router, 0, 8)).toBe(2);
  expect(router.explainLast).toEqual({
    target: 2,
    cost: 2 + 8,
    overlapBlocks: 6,
    prefillTokens: 0,
    activeBlocks: 0,
    additionalBlocks: 8,
    activeRequests: 0,
    peer: -1,
  });
  expect(router.sequences.activePrefillTokens[2]).toBe(8);
});

test('a prompt that runs somewhere adds no blocks there', () => {
  const router = newRouter(2, { trackPrefillTokens: false, pool: 'prefill' });
  const first = choose(router, 0, 8);
  // There: 8 in use, 4 of them shared, so 8; elsewhere 4 new ones.
  expect(choose(router, 1, 4)).toBe(1 - first);
  // Both cost 8: there all 8 are shared, elsewhere 4 are and 4 come on top.
  choose(router, 2, 8);
  expect(router.explainLast.cost).toBe(8);
});

test('among equal costs the 1.0 release prefers the smaller index', () => {
  const router = newRouter(3, { costModel: 'v1.0', prefillLoadScale: 0 });
  router.stored(0, 0, 2);
  router.stored(1, 0, 1);
  router.stored(2, 0, 3);
  expect(choose(router, 0, 8)).toBe(1);
});

test('a temperature spreads the choice, and the same seed gives the same choices', () => {
  const choices = [1, 2].map(() => {
    const router = newRouter(2, { temperature: 0.5 });
    router.stored(0, 0, 8);
    return Array.from({ length: 300 }, (_, request) => {
      const target = choose(router, request, 8);
      router.free(request, 0);
      return target;
    });
  });
  expect(choices[0]).toEqual(choices[1]);
  const share = choices[0]!.filter((target) => target === 0).length / 300;
  // Normalised costs 0 and 1: 1 / (1 + exp(−2)) = 0.88.
  expect(Math.abs(share - 0.88)).toBeLessThan(0.08);
});
