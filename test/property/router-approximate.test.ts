import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { LruIndex } from '#core/router/index/approximate/lru/lru.ts';
import type { NodeHolds, RoutedIndex } from '#core/router/index/approximate/routed-index.ts';
import { TtlIndex } from '#core/router/index/approximate/ttl/ttl.ts';
import { OwnershipIndex } from '#core/router/index/ownership.ts';
import { PredictedIndex } from '#core/router/index/predicted.ts';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { NaiveOwnership } from '../reference/naive-ownership.ts';
import { NaiveRouted } from '../reference/naive-routed.ts';
import { forestArbitrary } from '../reference/random-forest.ts';
import { check } from './check.ts';

const NODES = 10;
const MAX_LENGTH = 5;
const TARGETS = 3;
const TTL_S = 120;

const step = fc.record({
  kind: fc.constantFrom('route', 'route', 'route', 'route', 'wait', 'removeTarget'),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.nat({ max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  gapS: fc.constantFrom(0, 0.03, 7, 59.97, 60, 119.9),
  rare: fc.nat({ max: 4 }),
});
const history = fc.array(step, { maxLength: 50, size: 'max' });
const forests = forestArbitrary(NODES, MAX_LENGTH);

/** Counts holds, and refuses to let go of what it does not hold. */
class CountedHolds implements NodeHolds {
  readonly held = new Int32Array(NODES);

  retain(node: number): void {
    this.held[node]!++;
  }

  release(node: number): void {
    expect(this.held[node]).toBeGreaterThan(0);
    this.held[node]!--;
  }
}

/** Plays a history on an index and on naive ones; after each step all matches must agree. */
function holdEqual(
  index: RoutedIndex,
  holds: CountedHolds,
  forest: ReturnType<typeof forests.generate>['value'],
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  forget: (naive: NaiveRouted, nowS: number) => void,
): void {
  const naive = Array.from({ length: TARGETS }, () => new NaiveRouted(forest));
  const path = new PromptPath();
  const match = new PrefixMatch();
  let nowS = 0;
  for (const { kind, target, leaf, used: need, gapS, rare } of steps) {
    if (kind === 'wait') nowS = Math.round((nowS + gapS) * 1000) / 1000;
    index.catchUp(nowS * NS_PER_S);
    const leafBlocks = Math.min(need, forest.length[leaf]!);
    if (kind === 'route') {
      index.routed(target, leaf, leafBlocks, nowS * NS_PER_S);
      naive[target]!.routed(leaf, leafBlocks, nowS);
    } else if (kind === 'removeTarget' && rare === 0) {
      index.removeTarget(target);
      naive[target]!.clear();
    }
    for (const own of naive) forget(own, nowS);
    const sizes = naive.map((_, id) => index.blocksOf(id));
    const matches = Array.from({ length: NODES }, (_, node) => {
      path.fill(forest, node, forest.length[node]!);
      index.match(path, match);
      return naive.map((__, id) => match.blocksOf(id));
    });
    const expected = matches.map((__, node) =>
      naive.map((own) => own.match(node, forest.length[node]!)),
    );
    expect({ sizes, matches }).toEqual({ sizes: naive.map((own) => own.size), matches: expected });
    const used = matches.map((__, node) => index.uses(node));
    expect(used).toEqual([...holds.held].map((count) => count > 0));
  }
  for (let target = 0; target < TARGETS; target++) index.removeTarget(target);
  expect([...holds.held].every((count) => count === 0)).toBe(true);
}

test('a time to live ends only what was not routed again, at the next tenth of a second', () => {
  check(fc.tuple(forests, history), 120, ([forest, steps]) => {
    const holds = new CountedHolds();
    const index = new TtlIndex(forest, holds, TTL_S * NS_PER_S);
    holdEqual(index, holds, forest, steps, (naive, nowS) => {
      naive.forgetBy((atS) => nowS >= Math.ceil(Math.round((atS + TTL_S) * 1000) / 100) / 10);
    });
  });
});

test('a size bound forgets the least recently routed blocks, the deepest first', () => {
  const capacity = fc.integer({ min: 1, max: 20 });
  check(fc.tuple(forests, history, capacity), 120, ([forest, steps, blocks]) => {
    const holds = new CountedHolds();
    const index = new LruIndex(forest, holds, blocks);
    holdEqual(index, holds, forest, steps, (naive) => naive.forgetBeyond(blocks));
  });
});

test('with predictions each target counts for what events or decisions say, whichever is more', () => {
  const events = fc.array(
    fc.record({
      target: fc.nat({ max: TARGETS - 1 }),
      node: fc.nat({ max: NODES - 1 }),
      blocks: fc.integer({ min: 1, max: MAX_LENGTH }),
    }),
    { maxLength: 15 },
  );
  check(fc.tuple(forests, history, events), 200, ([forest, steps, stored]) => {
    const primary = new OwnershipIndex();
    const naive = new NaiveOwnership(forest, TARGETS);
    for (const { target, node, blocks } of stored) {
      const held = Math.min(blocks, forest.length[node]!);
      primary.stored(target, node, held);
      naive.stored(target, node, held);
    }
    const side = new TtlIndex(forest, new CountedHolds(), NS_PER_S);
    for (const { target, leaf, used } of steps) {
      side.routed(target, leaf, Math.min(used, forest.length[leaf]!), 0);
    }
    const index = new PredictedIndex(primary, side);
    const path = new PromptPath();
    const both = new PrefixMatch();
    const predicted = new PrefixMatch();
    for (let node = 0; node < NODES; node++) {
      path.fill(forest, node, forest.length[node]!);
      index.match(path, both);
      side.match(path, predicted);
      const told = naive.match(node, forest.length[node]!);
      const expected = told.map((blocks, id) => Math.max(blocks, predicted.blocksOf(id)));
      expect(expected.map((_, id) => both.blocksOf(id))).toEqual(expected);
      expect(both.bestBlocks).toBe(Math.max(...expected));
      expect(both.count).toBe(expected.filter((blocks) => blocks > 0).length);
      // What a waiting request keeps is the same.
      expect(both.save().length).toBe(2 * both.count);
    }
  });
});
