import * as fc from 'fast-check';
import { test } from 'vitest';
import type { RouterOptions } from '#core/router/options.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { kvOptions } from '../reference/router-options.ts';
import { RouterPair } from '../reference/router-pair.ts';
import { check } from './check.ts';

const TARGETS = 9;
/** Nodes 0…2 are a chain that every prompt may begin with, the others hang somewhere on it. */
const CHAIN = 3;
const NODES = 7;
const MAX_LENGTH = 3;

/** Each kind of cost that is searched by tree, with credits below and above 1. */
const VARIANTS: readonly Partial<RouterOptions>[] = [
  {},
  { prefillLoadScale: 0.5, decodeActiveRequestWeight: 2, overlapScoreCredit: 0.25 },
  { overlapScoreCredit: 3 },
  { prefillLoadScale: 4, overlapScoreCredit: 0.5 },
  { overlapScoreCredit: 0 },
  { prefillLoadScale: 0.1, decodeActiveRequestWeight: 0.3, blockSize: 12 },
  { prefillLoadScale: 0.7, overlapScoreCredit: 1.3, blockSize: 10 },
  { prefillLoadScale: 0 },
  { trackPrefillTokens: false },
  { trackPrefillTokens: false, overlapScoreCredit: 2.5 },
  { trackPrefillTokens: false, pool: 'prefill' },
  { trackActiveBlocks: false },
  { costWithout: 'prefill_load' },
  { costWithout: 'active_blocks', prefillLoadScale: 0.3 },
  { costWithout: 'active_blocks' },
];

const length = fc.integer({ min: 1, max: MAX_LENGTH });
const chain = fc.array(length, { minLength: CHAIN, maxLength: CHAIN });
const branch = fc.record({
  parent: fc.nat({ max: CHAIN - 1 }),
  /** How many of the parent's last blocks it does without. */
  short: fc.constantFrom(0, 0, 0, 1),
  length,
});
const branches = fc.array(branch, { minLength: NODES - CHAIN, maxLength: NODES - CHAIN });

const hotForest: fc.Arbitrary<BlockForest> = fc
  .tuple(chain, branches)
  .map(([chainLengths, hanging]) => {
    const parent = Int32Array.from({ length: NODES }, (_, node) => node - 1);
    const lengths = Int32Array.from([...chainLengths, ...hanging.map((drawn) => drawn.length)]);
    const attach = Int32Array.from({ length: NODES }, (_, node) => lengths[node - 1] ?? 0);
    for (const [place, drawn] of hanging.entries()) {
      parent[CHAIN + place] = drawn.parent;
      attach[CHAIN + place] = Math.max(1, lengths[drawn.parent]! - drawn.short);
    }
    return { parent, attach, length: lengths };
  });

const prompt = {
  leaf: fc.integer({ min: 0, max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  tailTokens: fc.constantFrom(0, 0, 5, 16, 40),
};

/** What a target starts with: mostly all of the chain, cached and in use, sometimes less. */
const start = fc.record({
  cached: fc.array(fc.constantFrom(MAX_LENGTH, MAX_LENGTH, MAX_LENGTH, 1, 0), {
    minLength: CHAIN,
    maxLength: CHAIN,
  }),
  running: fc.array(fc.record({ ...prompt, isPrefilled: fc.boolean() }), { maxLength: 2 }),
});

const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'prefill', 'free', 'stored', 'removed'),
  request: fc.nat({ max: 30 }),
  target: fc.nat({ max: TARGETS - 1 }),
  ...prompt,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const history = fc.record({
  forest: hotForest,
  /** After a restart the caches may know nothing while the requests are still under way. */
  isCold: fc.constantFrom(false, false, false, true),
  starts: fc.array(start, { minLength: TARGETS, maxLength: TARGETS }),
  steps: fc.array(step, { minLength: 5, maxLength: 30 }),
  searchLimits: fc.record({
    listedOwners: fc.constantFrom(0, 1, 2, 4),
    visitedShare: fc.constantFrom(0.2, 0.5, 1, 1),
  }),
});

function applyStep(pair: RouterPair, drawn: Step, place: number): void {
  switch (drawn.kind) {
    case 'arrive':
      if (!pair.isActive(drawn.request)) pair.decide(drawn.request, drawn, place);
      return;
    case 'prefill':
      pair.prefillCompleted(drawn.request);
      return;
    case 'free':
      pair.free(drawn.request);
      return;
    case 'stored':
      pair.stored(drawn.target, drawn.leaf, drawn.used);
      return;
    default:
      pair.removed(drawn.target, drawn.leaf, drawn.used - 1);
  }
}

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  'where nearly all hold the beginning, the choice is any of the full argmin: %s',
  (_name, variant) => {
    check(history, 300, ({ forest, isCold, starts, steps, searchLimits }) => {
      const pair = new RouterPair(kvOptions(TARGETS, { ...variant, searchLimits }), forest);
      for (const [target, { cached, running }] of starts.entries()) {
        for (const [node, blocks] of cached.entries()) {
          if (blocks > 0 && !isCold) pair.stored(target, node, blocks);
        }
        for (const [place, { isPrefilled, ...drawn }] of running.entries()) {
          const request = 100 + 2 * target + place;
          pair.pin(request, target, drawn);
          if (isPrefilled) pair.prefillCompleted(request);
        }
      }
      for (const [place, drawn] of steps.entries()) applyStep(pair, drawn, place);
    });
  },
);
