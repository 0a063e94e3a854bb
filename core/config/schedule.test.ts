import { expect, test } from 'vitest';
import { resolveConfig } from './resolve.ts';
import type { ConfigInput } from './schema.ts';

type Cluster = NonNullable<ConfigInput['cluster']>;

const POOLS: NonNullable<Cluster['pools']> = [
  { role: 'prefill', workers: 2 },
  { role: 'decode', workers: 2, name: 'tokens' },
];
const CHANGE = { at_ms: 10, from: 'prefill', to: 'tokens' };

test('one worker goes at a time unless more are named, and at no cost', () => {
  const { cluster } = resolveConfig({ cluster: { pools: POOLS, schedule: [CHANGE] } });
  expect(cluster.schedule).toEqual([{ ...CHANGE, workers: 1, cost_ms: 0 }]);
});

test('what has come may go again', () => {
  const schedule = [
    { at_ms: 90, from: 'tokens', to: 'prefill', workers: 2 },
    { at_ms: 50, from: 'prefill', to: 'tokens', workers: 2 },
    { ...CHANGE, from: 'tokens', to: 'prefill' },
  ];
  expect(() => resolveConfig({ cluster: { pools: POOLS, schedule } })).not.toThrow();
});

const REFUSED: readonly (readonly [why: string, cluster: Cluster, message: string])[] = [
  [
    'no pools',
    { schedule: [CHANGE] },
    'cluster.schedule: impossible: there is no other pool to go to',
  ],
  [
    'a pool that is not there',
    { pools: POOLS, schedule: [{ ...CHANGE, to: 'token' }] },
    'cluster.schedule[0].to: impossible: no pool is called token; received "token"; did you mean "tokens"?',
  ],
  [
    'the pool that it is in',
    { pools: POOLS, schedule: [{ ...CHANGE, to: 'prefill' }] },
    'cluster.schedule[0].to: impossible: a worker of prefill is there already',
  ],
  [
    'workers of other GPUs',
    { pools: [POOLS[0]!, { ...POOLS[1]!, gpus_per_worker: 8 }], schedule: [CHANGE] },
    'cluster.schedule[0]: impossible: a worker of prefill has 1 GPUs and one of tokens 8',
  ],
  [
    'groups',
    { pools: [{ ...POOLS[0]!, groups: [{ count: 2 }] }, POOLS[1]!], schedule: [CHANGE] },
    'cluster.schedule[0]: impossible: the groups of prefill say by its number what a worker is',
  ],
  [
    'a pool that nobody is left in',
    { pools: POOLS, schedule: [CHANGE, { ...CHANGE, at_ms: 20 }] },
    'cluster.schedule[1].workers: impossible: prefill has 1 by then, and one at least must stay',
  ],
];

test.each(REFUSED)('%s: refused with the reason', (_why, cluster, message) => {
  expect(() => resolveConfig({ cluster })).toThrow(message);
});
