import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { RouteQuery } from '#core/router/query.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NaiveRouter } from '../reference/naive-router.ts';
import { forestArbitrary, promptBlocks } from '../reference/random-forest.ts';
import { kvOptions } from '../reference/router-options.ts';

const NODES = 8;
const TARGETS = 6;
const MAX_LENGTH = 3;

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
  { costModel: 'v1.0', prefillLoadScale: 0.3 },
];

const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'prefill', 'free', 'stored', 'removed'),
  request: fc.nat({ max: 30 }),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.integer({ min: -1, max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  tailTokens: fc.constantFrom(0, 0, 5),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function fillQuery(query: RouteQuery, forest: BlockForest, { leaf, ...drawn }: Step, size: number) {
  const leafBlocks = leaf < 0 ? 0 : Math.min(drawn.used, forest.length[leaf]!);
  query.leaf = leaf;
  query.leafBlocks = leafBlocks;
  query.totalBlocks = promptBlocks(forest, leaf, leafBlocks).length;
  query.tailBlocks = drawn.tailTokens > 0 ? 1 : 0;
  query.inputTokens = Math.max(1, query.totalBlocks * size + drawn.tailTokens);
}

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  'the choice is one of the full argmin: %s',
  (_name, variant) => {
    const histories = fc.array(step, { maxLength: 60 });
    const property = fc.property(
      forestArbitrary(NODES, MAX_LENGTH),
      histories,
      fc.nat(),
      (forest, steps, seed) => {
        const options = kvOptions(TARGETS, variant);
        const router = new Router(options, forest, openStream(seed, 'router'));
        const naive = new NaiveRouter(options, forest);
        const query = newRouteQuery();
        for (const [now, drawn] of steps.entries()) {
          query.request = drawn.request;
          if (drawn.kind === 'arrive' && !naive.sequences.isActive(drawn.request)) {
            fillQuery(query, forest, drawn, options.blockSize);
            const ties = naive.ties(query);
            router.arrive(query, now);
            const target = router.decisions.target[0]!;
            expect(ties).toContain(target);
            expect(router.explainLast.cost).toBe(naive.costs(query)[target]);
            expect(router.decisions.overlapBlocks[0]).toBe(naive.overlaps(query)[target]);
            expect(router.decisions.bestOverlapBlocks[0]).toBe(Math.max(...naive.overlaps(query)));
            router.decisions.clear();
            naive.book(query, target);
          } else if (drawn.kind === 'prefill') {
            router.prefillCompleted(drawn.request, now);
            naive.sequences.prefillCompleted(drawn.request);
          } else if (drawn.kind === 'free') {
            router.free(drawn.request, now);
            naive.sequences.free(drawn.request);
          } else if (drawn.leaf >= 0) {
            const blocks = Math.min(drawn.used, forest.length[drawn.leaf]!);
            if (drawn.kind === 'stored') {
              router.stored(drawn.target, drawn.leaf, blocks);
              naive.ownership.stored(drawn.target, drawn.leaf, blocks);
            } else if (drawn.kind === 'removed') {
              router.removed(drawn.target, drawn.leaf, blocks);
              naive.ownership.removed(drawn.target, drawn.leaf, blocks);
            }
          }
        }
      },
    );
    fc.assert(property, { numRuns: 150 });
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
