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

test('marks and ends may repeat, come early, late or for strangers: only the first of each counts', () => {
  const mark = fc.tuple(fc.constantFrom('prefill', 'free'), fc.nat({ max: REQUESTS - 1 }));
  const marks = fc.array(mark, { maxLength: 60 });
  fc.assert(
    fc.property(forests, marks, (forest, drawn) => {
      const sequences = new ActiveSequences(forest);
      sequences.reserveTargets(TARGETS);
      for (const [kind, request] of drawn) {
        if (kind === 'free') sequences.free(request);
        else sequences.prefillCompleted(request);
      }
      const load = { leaf: -1, leafBlocks: 0, privateBlocks: 2, prefillTokens: 10 };
      for (let request = 0; request < REQUESTS / 2; request++) sequences.add(request, 0, load);
      const marked = new Set<number>();
      const freed = new Set<number>();
      for (const [kind, request] of drawn) {
        if (kind === 'free') sequences.free(request);
        else sequences.prefillCompleted(request);
        if (request >= REQUESTS / 2) continue;
        if (kind === 'free') freed.add(request);
        marked.add(request);
      }
      expect(sequences.activeRequests[0]).toBe(REQUESTS / 2 - freed.size);
      expect(sequences.activeBlocks[0]).toBe(2 * (REQUESTS / 2 - freed.size));
      expect(sequences.activePrefillTokens[0]).toBe(10 * (REQUESTS / 2 - marked.size));
    }),
  );
});

test('what is shared is a prefix, not a set: a path with another beginning shares nothing', () => {
  // Node 1 hangs below node 0, node 3 below node 2; nodes 1 and 3 are as long as each other.
  const forest = {
    parent: Int32Array.of(-1, 0, -1, 2),
    attach: Int32Array.of(0, 2, 0, 2),
    length: Int32Array.of(2, 3, 2, 3),
  };
  const sequences = new ActiveSequences(forest);
  const path = new PromptPath();
  const match = new PrefixMatch();
  sequences.add(0, 0, { leaf: 1, leafBlocks: 3, privateBlocks: 0, prefillTokens: 0 });
  path.fill(forest, 3, 3);
  sequences.match(path, match);
  expect(match.blocksOf(0)).toBe(0);
  path.fill(forest, 1, 1);
  sequences.match(path, match);
  expect(match.blocksOf(0)).toBe(3);
});

test('what one target gets, ends or loses leaves all others as they were', () => {
  fc.assert(
    fc.property(forests, fc.array(step, { maxLength: 40 }), step, (forest, steps, last) => {
      const sequences = new ActiveSequences(forest);
      sequences.reserveTargets(TARGETS);
      const loadOf = ({ leaf, used, privateBlocks, prefillTokens }: typeof last) => {
        const leafBlocks = leaf < 0 ? 0 : Math.min(used, forest.length[leaf]!);
        return { leaf, leafBlocks, privateBlocks, prefillTokens };
      };
      for (const [request, drawn] of steps.entries()) {
        sequences.add(request, drawn.target, loadOf(drawn));
      }
      const others = () =>
        Array.from({ length: TARGETS }, (_, target) => [
          sequences.activeBlocks[target],
          sequences.activePrefillTokens[target],
          sequences.activeRequests[target],
        ]).filter((_, target) => target !== last.target);
      const before = others();
      sequences.add(steps.length, last.target, loadOf(last));
      expect(others()).toEqual(before);
      sequences.removeTarget(last.target);
      expect(others()).toEqual(before);
    }),
  );
});
