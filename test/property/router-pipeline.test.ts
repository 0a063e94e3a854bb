import * as fc from 'fast-check';
import { test } from 'vitest';
import { type KvCostWeights, kvCost } from '#core/policy/public.ts';
import { forestArbitrary } from '../reference/random-forest.ts';
import { kvOptions } from '../reference/router-options.ts';
import { RouterPair } from '../reference/router-pair.ts';
import { selectionOf } from '../reference/user-policy.ts';
import { check } from './check.ts';

const NODES = 8;
const TARGETS = 6;
const MAX_LENGTH = 3;

const VARIANTS: readonly KvCostWeights[] = [
  {},
  { prefillLoadScale: 0.5, decodeActiveRequestWeight: 2, overlapScoreCredit: 0.25 },
  { overlapScoreCredit: 0 },
  { prefillLoadScale: 0.1, decodeActiveRequestWeight: 0.3 },
];

const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'prefill', 'free', 'stored', 'removed'),
  request: fc.nat({ max: 30 }),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.integer({ min: -1, max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  tailTokens: fc.constantFrom(0, 0, 5),
});

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  'the KV cost as a scorer of a user makes the choices of the KV router: %s',
  (_name, variant) => {
    const histories = fc.tuple(
      forestArbitrary(NODES, MAX_LENGTH),
      fc.array(step, { maxLength: 60 }),
    );
    check(histories, 100, ([forest, steps]) => {
      const selection = selectionOf({ scorers: [kvCost(variant)] });
      const pair = new RouterPair(kvOptions(TARGETS, variant), forest, { selection });
      for (const [place, drawn] of steps.entries()) {
        const { kind, request, target, leaf } = drawn;
        if (kind === 'prefill') pair.prefillCompleted(request);
        else if (kind === 'free') pair.free(request);
        else if (kind === 'arrive') {
          if (!pair.isActive(request)) pair.decide(request, drawn, place);
        } else if (leaf >= 0) pair[kind](target, leaf, drawn.used);
      }
    });
  },
);
