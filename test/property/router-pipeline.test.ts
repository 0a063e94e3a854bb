import { test } from 'vitest';
import { type KvCostWeights, kvCost } from '#core/policy/public.ts';
import { kvOptions } from '../reference/router-options.ts';
import { RouterPair } from '../reference/router-pair.ts';
import { selectionOf } from '../reference/user-policy.ts';
import { check } from './check.ts';
import { histories, TARGETS, tell } from './router-history.ts';

const VARIANTS: readonly KvCostWeights[] = [
  {},
  { prefillLoadScale: 0.5, decodeActiveRequestWeight: 2, overlapScoreCredit: 0.25 },
  { overlapScoreCredit: 0 },
  { prefillLoadScale: 0.1, decodeActiveRequestWeight: 0.3 },
];

test.each(VARIANTS.map((variant) => [JSON.stringify(variant), variant] as const))(
  'the KV cost as a scorer of a user makes the choices of the KV router: %s',
  (_name, variant) => {
    check(histories, 100, ([forest, steps]) => {
      const selection = selectionOf({ scorers: [kvCost(variant)] });
      const pair = new RouterPair(kvOptions(TARGETS, variant), forest, { selection });
      tell(pair, steps);
    });
  },
);
