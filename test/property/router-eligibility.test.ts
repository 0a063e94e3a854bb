import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouterOptions } from '#core/router/options.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import { Router } from '#core/router/router.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NaiveEligibleRouter, outcomeName } from '../reference/naive-eligible-router.ts';
import { forestArbitrary, promptBlocks } from '../reference/random-forest.ts';
import { kvOptions } from '../reference/router-options.ts';
import { check } from './check.ts';

const NODES = 6;
const TARGETS = 6;
const MAX_LENGTH = 3;
const TAINTS = ['h100', 'h200', 'dynamo.topology/zone=a'];

const attributes: fc.Arbitrary<TargetAttributes> = fc.record({
  worker: fc.nat({ max: 3 }),
  taints: fc.subarray(['h100', 'h200']),
  topology: fc.constantFrom({}, { zone: 'a' }, { zone: 'b' }),
  loraAdapters: fc.subarray(['sql']),
});

const workers = fc.subarray([0, 1, 2, 3], { minLength: 2 });
const factor = fc.constantFrom(0, 0.5, 1, 2);
/** Present in one case of four, so that what is asked for together seldom leaves nobody. */
const rarely = <T>(wish: fc.Arbitrary<T>) => fc.option(wish, { nil: undefined, freq: 3 });
const wishes = fc.record({
  allowedWorkers: rarely(workers),
  excludedWorkers: rarely(fc.subarray([0, 1, 2, 3], { maxLength: 2 })),
  requiredTaints: rarely(fc.subarray(TAINTS, { minLength: 1, maxLength: 2 })),
  preferredTaints: rarely(
    fc.dictionary(fc.constantFrom(...TAINTS), fc.constantFrom(-1, 0.25, 0.5, 3)),
  ),
  loraAdapter: rarely(fc.constantFrom('sql', 'poetry')),
  overrides: rarely(
    fc.record(
      { overlapScoreCredit: factor, prefillLoadScale: factor, assumeKvReuse: fc.boolean() },
      { requiredKeys: [] },
    ),
  ),
});
const terms: fc.Arbitrary<RouteTerms | undefined> = fc.option(wishes.map(present), {
  nil: undefined,
  freq: 1,
});

/** The wishes that are there. */
function present(drawn: object): RouteTerms {
  return Object.fromEntries(Object.entries(drawn).filter(([, wish]) => wish !== undefined));
}

const kinds = [
  ...Array<string>(6).fill('arrive'),
  ...Array<string>(4).fill('tier'),
  ...['stored', 'stored', 'prefill', 'free', 'tierRemoved'],
];
const step = fc.record({
  kind: fc.constantFrom(...kinds, 'available', 'leave', 'join', 'used'),
  request: fc.nat({ max: 60 }),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.integer({ min: -1, max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  tier: fc.nat({ max: 3 }),
  tail: fc.constantFrom(0, 5),
  pin: fc.constantFrom(-1, -1, -1, 0, 4),
  asks: terms,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A router and the naive one, told the same facts. */
class Pair {
  readonly router: Router;
  readonly naive: NaiveEligibleRouter;
  readonly #options: RouterOptions;
  readonly #forest: BlockForest;
  #terms = 0;

  constructor(options: RouterOptions, forest: BlockForest, seed: number) {
    this.#options = options;
    this.#forest = forest;
    this.router = new Router(options, forest, openStream(seed, 'router'));
    this.naive = new NaiveEligibleRouter(options, forest);
  }

  play(drawn: Step): void {
    const { router, naive } = this;
    const { kind, request, target, leaf } = drawn;
    const { sequences, targets } = naive;
    const state = targets[target]!;
    if (kind === 'arrive' && !sequences.isActive(request)) this.#arrive(drawn);
    if (kind === 'prefill') {
      router.prefillCompleted(request, 0);
      sequences.prefillCompleted(request);
    } else if (kind === 'free') {
      router.free(request, 0);
      sequences.free(request);
    } else if (kind === 'available' && state.isThere) {
      state.isAvailable = drawn.tail === 0;
      router.setAvailable(target, state.isAvailable, 0);
    } else if (kind === 'used' && state.isThere) {
      state.used = 3 * drawn.used;
      router.loadReported(target, -1, -1, state.used, 0);
    } else if (kind === 'leave' && state.isThere) this.#leave(target);
    else if (kind === 'join' && !state.isThere) {
      Object.assign(state, { isThere: true, isAvailable: true, used: undefined, latched: false });
      router.addTarget(target, 0);
    } else if (leaf >= 0 && state.isThere) this.#hold(drawn);
    naive.settle();
  }

  #leave(target: number): void {
    const { router, naive } = this;
    router.removeTarget(target, 0);
    naive.sequences.removeTarget(target);
    naive.ownership.cleared(target);
    const state = naive.targets[target]!;
    state.isThere = false;
    for (const tier of state.tiers) tier.clear();
  }

  #hold({ kind, target, leaf, used, tier }: Step): void {
    const { router, naive } = this;
    const blocks = Math.min(used, this.#forest.length[leaf]!);
    if (kind === 'stored') {
      router.stored(target, leaf, blocks);
      naive.ownership.stored(target, leaf, blocks);
    }
    if (kind !== 'tier' && kind !== 'tierRemoved') return;
    const held = tier === 3 ? naive.shared : naive.targets[target]!.tiers[tier]!;
    const owner = tier === 3 ? -1 : target;
    const from = blocks - 1;
    if (kind === 'tier') router.tierStored(tier, owner, leaf, from, blocks);
    else router.tierRemoved(tier, owner, leaf, from, blocks);
    if (kind === 'tier') held.add(`${leaf}:${from}`);
    else held.delete(`${leaf}:${from}`);
  }

  #arrive(drawn: Step): void {
    const { router, naive } = this;
    const query = this.#queryOf(drawn);
    const { asks } = drawn;
    const expected = naive.decide(query, asks);
    router.arrive(query, 0);
    const { decisions } = router;
    expect(decisions.count).toBe(1);
    const target = decisions.target[0]!;
    const outcome = outcomeName(decisions.outcome[0]!);
    decisions.clear();
    if (typeof expected === 'string') {
      expect([outcome, target]).toEqual([expected, -1]);
      return;
    }
    expect(outcome).toBe('routed');
    expect(expected).toContain(target);
    const eligible = naive.targets.map((_, id) => id).filter((id) => naive.targets[id]!.isThere);
    if (query.pinnedTarget < 0 && this.#options.overlapScoreCreditDecay === 0) {
      expect(router.explainLast.cost).toBe(naive.cost(query, asks, target, eligible));
    }
    naive.book(query, asks, target);
    this.#compareLoads();
  }

  #compareLoads(): void {
    const { activeBlocks, activePrefillTokens, activeRequests } = this.router.sequences;
    for (let target = 0; target < TARGETS; target++) {
      expect({
        blocks: activeBlocks[target]!,
        prefillTokens: activePrefillTokens[target]!,
        requests: activeRequests[target]!,
      }).toEqual(this.naive.sequences.load(target));
    }
  }

  #queryOf({ request, leaf, used, tail, pin, asks }: Step): RouteQuery {
    const query = newRouteQuery();
    query.request = request;
    query.leaf = leaf;
    query.leafBlocks = leaf < 0 ? 0 : Math.min(used, this.#forest.length[leaf]!);
    query.totalBlocks = promptBlocks(this.#forest, leaf, query.leafBlocks).length;
    query.tailBlocks = tail > 0 ? 1 : 0;
    query.inputTokens = Math.max(1, query.totalBlocks * this.#options.blockSize + tail);
    query.pinnedTarget = pin;
    if (asks === undefined) return query;
    query.terms = this.#terms++;
    this.router.defineTerms(query.terms, asks);
    return query;
  }
}

const VARIANTS: readonly Partial<RouterOptions>[] = [
  {},
  { overlapScoreCreditDecay: 0.7 },
  { prefillLoadScale: 0.1, decodeActiveRequestWeight: 0.3, blockSize: 12 },
  { busyThresholds: { activePrefillTokens: 40 } },
  { busyThresholds: { activeDecodeBlocks: 0.5 }, totalKvBlocks: 10 },
];

const fleet = fc.array(attributes, { minLength: TARGETS, maxLength: TARGETS });
const history = fc.tuple(
  forestArbitrary(NODES, MAX_LENGTH),
  fleet,
  fc.array(step, { minLength: 30, maxLength: 80, size: 'max' }),
);

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  'the choice passes every check and is an argmin over those that do: %s',
  (_name, variant) => {
    check(history, 80, ([forest, known, steps]) => {
      const tiers = { sharedCacheMultiplier: 0.5 };
      const options = kvOptions(TARGETS, { ...tiers, ...variant, attributes: known });
      const pair = new Pair(options, forest, 3);
      for (const drawn of steps) pair.play(drawn);
    });
  },
);

test('a seeded choice does not depend on the order in which targets joined', () => {
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: TARGETS });
  const temperature = fc.constantFrom(0, 0.5);
  check(fc.tuple(history, order, temperature), 100, ([[forest, known, steps], joined, heat]) => {
    const decisions = [[0, 1, 2, 3, 4, 5], joined].map((ids) => {
      const options = kvOptions(0, { temperature: heat });
      const router = new Router(options, forest, openStream(9, 'router'));
      for (const target of ids) {
        router.describeTarget(target, known[target]!, 0);
        router.addTarget(target, 0);
      }
      for (const [place, drawn] of steps.entries()) {
        const query = newRouteQuery();
        query.request = place;
        query.inputTokens = 20 * drawn.used;
        query.tailBlocks = drawn.used;
        if (drawn.asks !== undefined) {
          router.defineTerms(place, drawn.asks);
          query.terms = place;
        }
        router.arrive(query, 0);
      }
      return [...router.decisions.target.subarray(0, router.decisions.count)];
    });
    expect(decisions[1]).toEqual(decisions[0]);
  });
});

/** How often each of four targets with 0, 1, 2 and 3 busy blocks is chosen of 4,000 draws. */
function shares(temperature: number): number[] {
  const noForest = { parent: new Int32Array(), attach: new Int32Array(), length: new Int32Array() };
  const router = new Router(kvOptions(5, { temperature }), noForest, openStream(4, 'router'));
  router.defineTerms(0, { excludedWorkers: [4] });
  for (const [target, tailBlocks] of [0, 1, 2, 3].entries()) {
    const load = { ...newRouteQuery(), request: 1_000_000 + target, tailBlocks };
    router.arrive({ ...load, pinnedTarget: target }, 0);
    router.prefillCompleted(load.request, 0);
  }
  router.decisions.clear();
  const counts = [0, 0, 0, 0, 0];
  for (let request = 0; request < 4000; request++) {
    router.arrive({ ...newRouteQuery(), request, terms: 0 }, 0);
    counts[router.decisions.target[0]!]! += 1;
    router.decisions.clear();
    router.free(request, 0);
  }
  return counts.map((count) => count / 4000);
}

test('no temperature takes the least cost, much is uniform, and dearer is never likelier', () => {
  expect(shares(0)).toEqual([1, 0, 0, 0, 0]);
  expect(shares(1e-6)).toEqual([1, 0, 0, 0, 0]);
  for (const share of shares(1e6).slice(0, 4)) expect(Math.abs(share - 0.25)).toBeLessThan(0.03);
  const middle = shares(0.7);
  expect(middle[4]).toBe(0);
  for (let target = 1; target < 4; target++) {
    expect(middle[target]!).toBeLessThan(middle[target - 1]!);
  }
});
