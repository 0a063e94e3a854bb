import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { RouteQuery } from '#core/router/query.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NaiveRouter } from '../reference/naive-router.ts';
import { kvOptions } from '../reference/router-options.ts';
import { RouterPair } from '../reference/router-pair.ts';
import { check } from './check.ts';
import { histories, TARGETS, tell } from './router-history.ts';

/** One for each way of searching: exact keys, rounded keys, full scans, and the odd paths. */
const VARIANTS: readonly Partial<RouterOptions>[] = [
  {},
  { prefillLoadScale: 0.5, decodeActiveRequestWeight: 2, overlapScoreCredit: 0.25 },
  { overlapScoreCredit: 0 },
  { prefillLoadScale: 0.1, decodeActiveRequestWeight: 0.3, blockSize: 12 },
  { prefillLoadScale: 0 },
  { overlapScoreCreditDecay: 0.7 },
  { trackPrefillTokens: false },
  { trackPrefillTokens: false, pool: 'prefill' },
  { trackActiveBlocks: false },
  { costWithout: 'prefill_load' },
  { costWithout: 'active_blocks', prefillLoadScale: 0.3 },
  { costWithout: 'active_blocks' },
  { costModel: 'v1.0', prefillLoadScale: 0.3 },
];

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  'the choice is any of the full argmin: %s',
  (_name, variant) => {
    check(histories, 150, ([forest, steps]) => {
      const pair = new RouterPair(kvOptions(TARGETS, variant), forest);
      tell(pair, steps);
    });
  },
);

/** Draws one query again and again from one state; counts how often each target is chosen. */
function countChoices(router: Router, query: RouteQuery, draws: number): number[] {
  const counts = new Array<number>(TARGETS).fill(0);
  for (let draw = 0; draw < draws; draw++) {
    router.arrive(query, 0);
    counts[router.decisions.target[0]!]! += 1;
    router.decisions.clear();
    router.free(query.request, 0);
  }
  return counts;
}

const root: BlockForest = {
  parent: Int32Array.of(-1),
  attach: Int32Array.of(0),
  length: Int32Array.of(2),
};

test.each([
  ['tree', {}],
  ['near', { prefillLoadScale: 0.1, blockSize: 10 }],
  ['scan', { overlapScoreCreditDecay: 1e-9 }],
] as const)('ties are drawn uniformly: %s', (_name, variant) => {
  const options = kvOptions(TARGETS, variant);
  const router = new Router(options, root, openStream(7, 'router'));
  const query = newRouteQuery();
  query.leaf = 0;
  query.leafBlocks = 2;
  query.totalBlocks = 2;
  query.inputTokens = 2 * options.blockSize;
  query.request = 100;
  query.pinnedTarget = 2;
  router.arrive(query, 0);
  router.decisions.clear();
  query.pinnedTarget = -1;
  query.request = 0;
  // Target 2 runs the same prompt: it adds no block, but has two; still to prefill are two more.
  const counts = countChoices(router, query, 5000);
  expect(counts[2]).toBe(0);
  const expected = 1000;
  const others = counts.filter((_, target) => target !== 2);
  const chiSquare = others.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // Four degrees of freedom: 18.5 is exceeded by chance once in a thousand seeds.
  expect(chiSquare).toBeLessThan(18.5);
});

test('a touched target that ties with untouched ones gets its share', () => {
  const router = new Router(kvOptions(TARGETS), root, openStream(11, 'router'));
  const query = newRouteQuery();
  query.leaf = 0;
  query.leafBlocks = 2;
  query.totalBlocks = 2;
  query.inputTokens = 32;
  // Target 3 uses both blocks already and has its prefill behind it: nothing added, two in use.
  query.request = 100;
  query.pinnedTarget = 3;
  router.arrive(query, 0);
  router.prefillCompleted(100, 0);
  router.decisions.clear();
  query.request = 0;
  query.pinnedTarget = -1;
  const counts = countChoices(router, query, 6000);
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // Five degrees of freedom, one in a thousand.
  expect(chiSquare).toBeLessThan(20.5);
});

test('targets that hold or use the prompt for nothing count once', () => {
  // Without a price on prefill the cached blocks are worth nothing, and all targets tie.
  const router = new Router(kvOptions(TARGETS, { prefillLoadScale: 0 }), root, openStream(5, 'r'));
  const query = newRouteQuery();
  query.leaf = 0;
  query.leafBlocks = 2;
  query.totalBlocks = 2;
  query.inputTokens = 32;
  query.request = 100;
  query.pinnedTarget = 3;
  router.arrive(query, 0);
  router.decisions.clear();
  router.stored(3, 0, 2);
  router.stored(1, 0, 2);
  query.request = 0;
  query.pinnedTarget = -1;
  const counts = countChoices(router, query, 6000);
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(20.5);
});

test('costs that are equal but for rounding are compared to the last bit', () => {
  const tokens = fc.array(fc.nat({ max: 40 }), { minLength: TARGETS, maxLength: TARGETS });
  fc.assert(
    fc.property(tokens, fc.integer({ min: 1, max: 9999 }), (prefillBlocks, inputTokens) => {
      const options = kvOptions(TARGETS, { prefillLoadScale: 0.1, blockSize: 10 });
      const router = new Router(options, root, openStream(3, 'router'));
      const naive = new NaiveRouter(options, root);
      const query = newRouteQuery();
      // 100 tokens of prefill cost 0.1 · 10 = 1, as much as one active block: all add up to 40.
      for (const [target, blocks] of prefillBlocks.entries()) {
        query.pinnedTarget = target;
        for (let unit = 0; unit < 40; unit++) {
          query.request++;
          query.tailBlocks = unit < blocks ? 0 : 1;
          query.inputTokens = unit < blocks ? 100 : 1;
          router.arrive(query, 0);
          naive.book(query, target);
          if (unit < blocks) continue;
          router.prefillCompleted(query.request, 0);
          naive.sequences.prefillCompleted(query.request);
        }
      }
      router.decisions.clear();
      query.request++;
      query.pinnedTarget = -1;
      query.inputTokens = inputTokens;
      router.arrive(query, 0);
      expect(naive.ties(query)).toContain(router.decisions.target[0]);
    }),
    { numRuns: 100 },
  );
});
