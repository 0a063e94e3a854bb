import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { ActiveSequences } from '#core/router/sequences/active-sequences.ts';
import { NaiveSequences } from '../reference/naive-sequences.ts';
import { forestArbitrary } from '../reference/random-forest.ts';

const NODES = 10;
const TARGETS = 4;
const MAX_LENGTH = 4;
const REQUESTS = 20;

const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'prefill', 'free', 'free', 'removeTarget'),
  request: fc.nat({ max: REQUESTS - 1 }),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.integer({ min: -1, max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  privateBlocks: fc.nat({ max: 1 }),
  prefillTokens: fc.nat({ max: 1000 }),
  rare: fc.nat({ max: 9 }),
});
const forests = forestArbitrary(NODES, MAX_LENGTH);

test('loads equal those of a plain list of requests, and drain to zero', () => {
  fc.assert(
    fc.property(forests, fc.array(step, { maxLength: 120 }), (forest, steps) => {
      const sequences = new ActiveSequences(forest);
      const naive = new NaiveSequences(forest);
      const path = new PromptPath();
      const match = new PrefixMatch();
      for (const {
        kind,
        request,
        target,
        leaf,
        used,
        privateBlocks,
        prefillTokens,
        rare,
      } of steps) {
        const leafBlocks = leaf < 0 ? 0 : Math.min(used, forest.length[leaf]!);
        const load = { leaf, leafBlocks, privateBlocks, prefillTokens };
        if (kind === 'add' && naive.isActive(request)) {
          expect(() => sequences.add(request, target, load)).toThrow(/active already/);
        } else if (kind === 'add') {
          sequences.add(request, target, load);
          naive.add(request, target, load);
        } else if (kind === 'prefill') {
          sequences.prefillCompleted(request);
          naive.prefillCompleted(request);
        } else if (kind === 'free') {
          sequences.free(request);
          naive.free(request);
        } else if (rare === 0) {
          sequences.removeTarget(target);
          naive.removeTarget(target);
        }
        path.fill(forest, leaf, leafBlocks);
        sequences.match(path, match);
        for (let id = 0; id < TARGETS; id++) {
          expect(match.blocksOf(id)).toBe(naive.shared(id, leaf, leafBlocks));
          expect({
            blocks: sequences.activeBlocks[id],
            prefillTokens: sequences.activePrefillTokens[id],
            requests: sequences.activeRequests[id],
          }).toEqual(naive.load(id));
        }
      }
      for (let request = 0; request < REQUESTS; request++) sequences.free(request);
      expect(sequences.activeBlocks.every((blocks) => blocks === 0)).toBe(true);
      expect(sequences.activePrefillTokens.every((tokens) => tokens === 0)).toBe(true);
      expect(sequences.activeRequests.every((requests) => requests === 0)).toBe(true);
      for (let node = 0; node < NODES; node++) expect(sequences.usesNode(node)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('the projected blocks are those after really adding the request', () => {
  fc.assert(
    fc.property(forests, fc.array(step, { maxLength: 40 }), (forest, steps) => {
      const sequences = new ActiveSequences(forest);
      const path = new PromptPath();
      const match = new PrefixMatch();
      sequences.reserveTargets(TARGETS);
      for (const [request, { target, leaf, used, privateBlocks }] of steps.entries()) {
        const leafBlocks = leaf < 0 ? 0 : Math.min(used, forest.length[leaf]!);
        path.fill(forest, leaf, leafBlocks);
        sequences.match(path, match);
        const projected =
          sequences.activeBlocks[target]! + path.blocks + privateBlocks - match.blocksOf(target);
        sequences.add(request, target, { leaf, leafBlocks, privateBlocks, prefillTokens: 0 });
        expect(sequences.activeBlocks[target]).toBe(projected);
      }
    }),
  );
});
