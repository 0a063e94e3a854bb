import { expect, test } from 'vitest';
import { expandGrid, parseVariation } from '#sim/compare/grid.ts';
import { withPolicyKeys } from './vary-policy.ts';

function vary(...texts: readonly string[]): string[] {
  const candidates = withPolicyKeys(expandGrid(texts.map(parseVariation)));
  return candidates.map(({ name, sets }) => `${name}: ${sets.join(' ')}`);
}

test('modes keep their names, and files are policies named after the file', () => {
  expect(vary('policy=./a.ts,policies/epp.yaml,kv_router')).toEqual([
    'a.ts: router.policy=./a.ts',
    'epp.yaml: router.policy=policies/epp.yaml',
    'kv_router: router.mode=kv_router',
  ]);
  expect(vary('policy=mine.ts,random')).toEqual([
    'mine.ts: router.policy=mine.ts',
    'random: router.mode=random',
  ]);
});

test('in a grid too', () => {
  expect(vary('policy=./a.ts,random', 'cluster.workers=2,4')).toEqual([
    'a.ts, workers=2: router.policy=./a.ts cluster.workers=2',
    'a.ts, workers=4: router.policy=./a.ts cluster.workers=4',
    'random, workers=2: router.mode=random cluster.workers=2',
    'random, workers=4: router.mode=random cluster.workers=4',
  ]);
});

test('files of one name in two folders are told apart by their paths', () => {
  expect(vary('policy=./a/router.ts,./b/router.ts')).toEqual([
    'policy=./a/router.ts: router.policy=./a/router.ts',
    'policy=./b/router.ts: router.policy=./b/router.ts',
  ]);
});

test('what is no policy stays as it is', () => {
  expect(vary('cluster.workers=2,4')).toEqual([
    'workers=2: cluster.workers=2',
    'workers=4: cluster.workers=4',
  ]);
});
