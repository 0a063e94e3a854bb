import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { kvCost, softmax, uniform, weightedRandom } from '#core/policy/public.ts';
import { ALL_WORKERS_FILTERED, NO_ENDPOINTS, ROUTED } from '#core/router/decisions.ts';
import { NO_HOLDS } from '#core/router/index/approximate/routed-index.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { Selection } from '#core/router/policies/pipeline/selection.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { forestArbitrary, promptBlocks } from '../reference/random-forest.ts';
import { kvOptions } from '../reference/router-options.ts';
import { selectionOf } from '../reference/user-policy.ts';
import { check } from './check.ts';

const NODES = 6;
const TARGETS = 5;

type Contender = readonly [string, Partial<RouterOptions>, Selection | undefined];

/** Every way to choose a target: the built-in modes, and selections as a user may write them. */
const CONTENDERS: readonly Contender[] = [
  ['kv_router', {}, undefined],
  ['kv_router by softmax', { temperature: 0.5 }, undefined],
  ['kv_router, 1.0', { costModel: 'v1.0' }, undefined],
  ['round_robin', { mode: 'round_robin' }, undefined],
  ['random', { mode: 'random' }, undefined],
  ['power_of_two', { mode: 'power_of_two' }, undefined],
  ['least_loaded', { mode: 'least_loaded' }, undefined],
  ['the KV cost', { mode: 'policy' }, { scorers: [kvCost()] }],
  ['any', { mode: 'policy' }, { picker: uniform() }],
  [
    'by weight',
    { mode: 'policy' },
    { scorers: [{ score: ({ cachedBlocks }) => cachedBlocks }], picker: weightedRandom() },
  ],
  ['by softmax', { mode: 'policy' }, { scorers: [kvCost()], picker: softmax(0.3) }],
  [
    'odd workers only',
    { mode: 'policy' },
    { filters: [{ keep: ({ worker }) => worker % 2 === 1 }] },
  ],
  [
    'a draw of its own',
    { mode: 'policy' },
    {
      picker: {
        pick: (candidates, _scores, _request, random) =>
          candidates[random.below(candidates.length)]!.worker,
      },
    },
  ],
];

const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'free', 'prefill', 'stored', 'add', 'remove'),
  request: fc.nat({ max: 12 }),
  target: fc.nat({ max: TARGETS + 1 }),
  leaf: fc.nat({ max: NODES - 1 }),
});

interface Step {
  readonly kind: string;
  readonly request: number;
  readonly target: number;
  readonly leaf: number;
}

/** Plays the steps; gives the decisions as text, and checks each against the fleet. */
function play(
  options: RouterOptions,
  selection: Selection | undefined,
  forest: BlockForest,
  steps: readonly Step[],
) {
  const policies = selection === undefined ? {} : { selection: selectionOf(selection) };
  const router = new Router(options, forest, openStream(3, 'contract'), NO_HOLDS, policies);
  const fleet = new Set(Array.from({ length: options.targets }, (_, target) => target));
  const told: string[] = [];
  for (const { kind, request, target, leaf } of steps) {
    if (kind === 'arrive' && router.sequences.targetOf(request) < 0) {
      const leafBlocks = forest.length[leaf]!;
      const totalBlocks = promptBlocks(forest, leaf, leafBlocks).length;
      const inputTokens = totalBlocks * options.blockSize + 3;
      router.arrive({ ...newRouteQuery(), request, leaf, leafBlocks, totalBlocks, inputTokens }, 0);
    } else if (kind === 'free') router.free(request, 0);
    else if (kind === 'prefill') router.prefillCompleted(request, 0);
    else if (kind === 'stored') router.stored(target, leaf, forest.length[leaf]!);
    else if (kind === 'add' && !fleet.has(target)) {
      fleet.add(target);
      router.addTarget(target, 0);
    } else if (kind === 'remove' && fleet.delete(target)) router.removeTarget(target, 0);
    const { decisions } = router;
    for (let row = 0; row < decisions.count; row++) {
      const chosen = decisions.target[row]!;
      const outcome = decisions.outcome[row]!;
      expect([ROUTED, NO_ENDPOINTS, ALL_WORKERS_FILTERED]).toContain(outcome);
      expect(outcome === ROUTED).toBe(fleet.has(chosen));
      expect(outcome === NO_ENDPOINTS).toBe(fleet.size === 0);
      told.push(`${decisions.request[row]}→${chosen}`);
    }
    decisions.clear();
  }
  const { activeBlocks, activePrefillTokens, activeRequests, waitingRequests } = router.sequences;
  for (let request = 0; request <= 12; request++) router.free(request, 0);
  for (const load of [activeBlocks, activePrefillTokens, activeRequests, waitingRequests]) {
    expect(load.every((value) => value === 0)).toBe(true);
  }
  return told;
}

test.each(CONTENDERS)(
  'a choice lies in the fleet, and the same stream makes the same choices: %s',
  (_name, changes, selection) => {
    const options = kvOptions(TARGETS, changes);
    const histories = fc.tuple(forestArbitrary(NODES, 3), fc.array(step, { maxLength: 80 }));
    check(histories, 60, ([forest, steps]) => {
      const once = play(options, selection, forest, steps);
      expect(play(options, selection, forest, steps)).toEqual(once);
    });
  },
);
