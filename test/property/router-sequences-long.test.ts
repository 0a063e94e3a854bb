import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { ActiveSequences } from '#core/router/sequences/active-sequences.ts';
import { NaiveBlockCounts } from '../reference/naive-block-counts.ts';
import { NaiveSequences } from '../reference/naive-sequences.ts';
import { forestArbitrary, promptBlocks } from '../reference/random-forest.ts';
import { check } from './check.ts';

const NODES = 24;
const MAX_LENGTH = 6;
const TARGETS = 4;
const forests = forestArbitrary(NODES, MAX_LENGTH);

/** A seeded walk, long enough to come back to every state often; the seed is what is drawn. */
const walks = fc.tuple(forests, fc.nat({ max: 1_000_000 }));

test('block totals equal counted users: 32 slots, 10,000 steps', () => {
  check(walks, 3, ([forest, seed]) => {
    const stream = openStream(seed, 'walk');
    const sequences = new ActiveSequences(forest);
    const naive = Array.from({ length: TARGETS }, () => new NaiveBlockCounts());
    const slots: { target: number; blocks: string[]; alone: number }[] = [];
    for (let step = 0; step < 10_000; step++) {
      const slot = stream.nextBelow(32);
      const active = slots[slot];
      if (active !== undefined) {
        sequences.free(slot);
        naive[active.target]!.use(active.blocks, active.alone, -1);
        delete slots[slot];
      } else {
        const target = stream.nextBelow(TARGETS);
        const leaf = stream.nextBelow(NODES);
        const leafBlocks = 1 + stream.nextBelow(forest.length[leaf]!);
        const alone = stream.nextBelow(3);
        const blocks = promptBlocks(forest, leaf, leafBlocks);
        sequences.add(slot, target, { leaf, leafBlocks, privateBlocks: alone, prefillTokens: 0 });
        naive[target]!.use(blocks, alone, 1);
        slots[slot] = { target, blocks, alone };
      }
      for (let target = 0; target < TARGETS; target++) {
        if (sequences.activeBlocks[target] === naive[target]!.total) continue;
        expect.fail(`step ${step}: ${sequences.activeBlocks[target]} blocks on target ${target}`);
      }
    }
  });
});

test('active prefixes equal the union of prompts: 5,000 steps, a target removed every 211', () => {
  check(walks, 2, ([forest, seed]) => {
    const stream = openStream(seed, 'walk');
    const sequences = new ActiveSequences(forest);
    const naive = new NaiveSequences(forest);
    const path = new PromptPath();
    const match = new PrefixMatch();
    sequences.reserveTargets(TARGETS);
    for (let step = 1; step <= 5_000; step++) {
      const request = stream.nextBelow(40);
      const target = stream.nextBelow(TARGETS);
      const leaf = stream.nextBelow(NODES);
      const leafBlocks = 1 + stream.nextBelow(forest.length[leaf]!);
      if (step % 211 === 0) {
        sequences.removeTarget(target);
        naive.removeTarget(target);
      } else if (naive.isActive(request)) {
        sequences.free(request);
        naive.free(request);
      } else {
        const load = { leaf, leafBlocks, privateBlocks: 0, prefillTokens: 0 };
        sequences.add(request, target, load);
        naive.add(request, target, load);
      }
      path.fill(forest, leaf, leafBlocks);
      sequences.match(path, match);
      for (let id = 0; id < TARGETS; id++) {
        if (match.blocksOf(id) === naive.shared(id, leaf, leafBlocks)) continue;
        expect.fail(`step ${step}: ${match.blocksOf(id)} blocks shared on target ${id}`);
      }
    }
  });
});

test('adding a request and freeing it leaves everything as it was', () => {
  const request = fc.record({
    target: fc.nat({ max: TARGETS - 1 }),
    leaf: fc.nat({ max: NODES - 1 }),
    used: fc.integer({ min: 1, max: MAX_LENGTH }),
    outputs: fc.array(fc.constantFrom(undefined, 0.75, 0.25), { maxLength: 3 }),
  });
  check(fc.tuple(forests, fc.array(request, { maxLength: 20 }), request), 200, (drawn) => {
    const [forest, before, last] = drawn;
    const sequences = new ActiveSequences(forest, { outputBlockSize: 16, prefillDecays: true });
    sequences.reserveTargets(TARGETS);
    const add = (id: number, { target, leaf, used }: typeof last) => {
      const leafBlocks = Math.min(used, forest.length[leaf]!);
      const load = { leaf, leafBlocks, privateBlocks: 1, prefillTokens: 9, expectedPrefillNs: 50 };
      sequences.add(id, target, load, id);
    };
    const snapshot = () => {
      const match = new PrefixMatch();
      const path = new PromptPath();
      const loads = [sequences.activeBlocks, sequences.activeRequests].map((column) => [...column]);
      const shared = Array.from({ length: NODES }, (_, node) => {
        path.fill(forest, node, forest.length[node]!);
        sequences.match(path, match);
        return Array.from({ length: TARGETS }, (__, target) => match.blocksOf(target));
      });
      return { loads, shared };
    };
    for (const [id, earlier] of before.entries()) {
      add(id, earlier);
      for (const fraction of earlier.outputs) sequences.addOutputBlock(id, fraction);
    }
    const earlier = snapshot();
    add(before.length, last);
    // What it weighs less for itself alone goes with it: nothing of it is shared with the others.
    for (const _ of last.outputs) sequences.addOutputBlock(before.length);
    sequences.free(before.length, before.length);
    expect(snapshot()).toEqual(earlier);
  });
});
