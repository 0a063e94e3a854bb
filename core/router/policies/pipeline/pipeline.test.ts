import { expect, test } from 'vitest';
import type { InputError } from '#core/base/errors.ts';
import { openStream } from '#core/base/random.ts';
import { NO_HOLDS } from '#core/router/index/approximate/routed-index.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { flatForest, NOWHERE, selectionOf } from '#test/reference/user-policy.ts';
import { ALL_WORKERS_FILTERED } from '../../decisions.ts';
import { newRouteQuery } from '../../query.ts';
import { Router } from '../../router.ts';
import type { Candidate, Selection, SelectionExport } from './selection.ts';

/** A router of the mode `policy` over prompts of four blocks. */
function open(selection: SelectionExport, targets = 3): Router {
  const options = kvOptions(targets, { mode: 'policy', totalKvBlocks: 100 });
  const policies = { selection: selectionOf(selection) };
  return new Router(options, flatForest(32, 4), openStream(1, 'router'), NO_HOLDS, policies);
}

/** Routes a prompt of 64 tokens and gives the target of the decision. */
function route(router: Router, request: number, leaf = request): number {
  const query = { ...newRouteQuery(), request, leaf, leafBlocks: 4, totalBlocks: 4 };
  router.decisions.clear();
  router.arrive({ ...query, inputTokens: 64 }, 0);
  expect(router.decisions.request[0]).toBe(request);
  return router.decisions.target[0]!;
}

function failureOf(selection: Selection): string {
  try {
    route(open(selection), 7);
  } catch (error) {
    return (error as InputError).message;
  }
  return 'no error';
}

test('a candidate shows what the router knows of it', () => {
  const seen: unknown[] = [];
  const look = (candidate: Candidate): number => {
    const { worker, cachedBlocks, cachedTokens, activeBlocks, additionalBlocks } = candidate;
    const { activePrefillTokens, activeRequests, waitingRequests, kvBlocks } = candidate;
    seen.push([worker, cachedBlocks, cachedTokens, activeBlocks, additionalBlocks]);
    seen.push([activePrefillTokens, activeRequests, waitingRequests, kvBlocks]);
    return -worker;
  };
  const router = open({ scorers: [{ score: look }] }, 1);
  expect(route(router, 0)).toBe(0);
  router.stored(0, 5, 3);
  expect(route(router, 1, 5)).toBe(0);
  router.prefillCompleted(0, 0);
  expect(route(router, 2, 5)).toBe(0);
  // Nothing; then one request of 64 tokens; then it computes no more, and the next lies beside it.
  expect(seen).toEqual([
    ...[
      [0, 0, 0, 0, 4],
      [0, 0, 0, 100],
    ],
    ...[
      [0, 3, 48, 4, 4],
      [64, 1, 1, 100],
    ],
    ...[
      [0, 3, 48, 8, 0],
      [16, 2, 1, 100],
    ],
  ]);
});

test('filters narrow, scores add up by weight, and the greatest wins', () => {
  const router = open({
    filters: [
      { keep: ({ worker }) => worker !== 2 },
      { keepAll: (candidates) => candidates.map(() => true) },
    ],
    scorers: [
      { score: ({ worker }) => worker },
      { weight: 10, scoreAll: (candidates) => candidates.map(({ worker }) => -worker) },
    ],
  });
  expect(route(router, 0)).toBe(0);
});

test('filters that leave nobody reject the request', () => {
  const router = open({ filters: [{ keep: () => false }] });
  expect(route(router, 0)).toBe(-1);
  expect(router.decisions.outcome[0]).toBe(ALL_WORKERS_FILTERED);
});

test('a picker of the user names the worker, and hears where requests went', () => {
  const went: string[] = [];
  const router = open({
    picker: { pick: (candidates, scores) => candidates[scores.length - 1]!.worker },
    routed: (worker, { id }) => went.push(`${id}→${worker}`),
  });
  expect(route(router, 0)).toBe(2);
  router.removeTarget(2, 0);
  expect(route(router, 1)).toBe(1);
  router.addTarget(4, 0);
  expect(route(router, 2)).toBe(4);
  expect(went).toEqual(['0→2', '1→1', '2→4']);
});

test('a decision can be explained: what each scorer gave, and whom a filter turned down', () => {
  let asked = 0;
  const router = open({
    filters: [{ keep: ({ worker }) => worker !== 1 }],
    scorers: [
      { name: 'order', weight: 2, score: ({ worker }) => worker },
      {
        scoreAll: (candidates) => {
          asked++;
          return candidates.map(() => -1);
        },
      },
    ],
  });
  const seen: unknown[] = [];
  router.observer = {
    chosen: (query, target) => {
      seen.push(...router.candidates(query).map(({ target: worker, scores }) => [worker, scores]));
      return target;
    },
  };
  expect(route(router, 0)).toBe(2);
  const scoresOf = (order: number) => [
    { name: 'order', score: order },
    { name: 'scorers[1]', score: -1 },
  ];
  expect(seen).toEqual([
    [0, scoresOf(0)],
    [1, undefined],
    [2, scoresOf(4)],
  ]);
  // Looking asks nobody again.
  expect(asked).toBe(1);
});

test('a selection that is a function begins anew with each run', () => {
  const selection: SelectionExport = ({ workers, blockSize, kvBlocks }) => {
    expect([workers, blockSize, kvBlocks]).toEqual([3, 16, 100]);
    let turn = 0;
    return { picker: { pick: (candidates) => candidates[turn++ % candidates.length]!.worker } };
  };
  for (let run = 0; run < 2; run++) {
    const router = open(selection);
    expect([0, 1, 2, 3].map((request) => route(router, request))).toEqual([0, 1, 2, 0]);
  }
});

test('what a policy is given cannot be changed', () => {
  const attempts = [
    (candidate: Candidate) => Object.assign(candidate, { worker: 9 }),
    (candidate: Candidate) => Object.assign(candidate, { mine: 9 }),
  ];
  for (const attempt of attempts) {
    const score = (candidate: Candidate): number => {
      attempt(candidate);
      return 0;
    };
    expect(failureOf({ scorers: [{ score }] })).toMatch(/threw for request 7, worker 0: TypeError/);
  }
  const keepAll = (candidates: readonly Candidate[]): boolean[] => {
    (candidates as Candidate[]).reverse();
    return [];
  };
  expect(failureOf({ filters: [{ keepAll }] })).toMatch(/threw for request 7: TypeError/);
});

test.each<[string, Selection, string]>([
  [
    'throws',
    {
      scorers: [
        {
          name: 'mine',
          score: () => {
            throw new RangeError('too far');
          },
        },
      ],
    },
    'selection.scorers[0].score (mine): threw for request 7, worker 0: RangeError: too far',
  ],
  [
    'is no number',
    { scorers: [{ score: () => Number.NaN }] },
    'selection.scorers[0].score: returned nonsense for request 7, worker 0; received NaN; allowed: a finite number',
  ],
  [
    'has another length',
    { scorers: [{ scoreAll: () => [1, 2] }] },
    'selection.scorers[0].scoreAll: returned nonsense for request 7; received [1,2]; allowed: a finite number for each of the 3 candidates',
  ],
  [
    'holds something else',
    { scorers: [{ scoreAll: () => Float64Array.of(1, 2, Infinity) }] },
    'selection.scorers[0].scoreAll: returned nonsense for request 7, worker 2; received Infinity; allowed: a finite number',
  ],
  [
    'is no answer',
    { filters: [{ keep: (() => undefined) as unknown as () => boolean }] },
    'selection.filters[0].keep: returned nonsense for request 7, worker 0; received undefined; allowed: true or false',
  ],
  [
    'names nobody',
    { picker: { name: 'beyond', pick: () => 3 } },
    'selection.picker.pick (beyond): returned nonsense for request 7; received 3; allowed: the worker of a candidate: 0, 1, 2',
  ],
  [
    'reads what it did not ask for',
    { inputs: ['cache'], scorers: [{ score: ({ activeBlocks }) => activeBlocks }] },
    'selection.scorers[0].score: threw for request 7, worker 0: TypeError: activeBlocks belongs to the input "load", which inputs does not name',
  ],
])('a function that %s ends the run in full words', (_, selection, message) => {
  expect(failureOf(selection)).toBe(`${NOWHERE.file}: ${message}`);
});
