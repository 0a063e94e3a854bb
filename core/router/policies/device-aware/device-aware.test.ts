import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { newRouteQuery } from '../../query.ts';
import type { RouteTerms } from '../../route-terms.ts';
import { Router } from '../../router.ts';

const noForest = { parent: new Int32Array(), attach: new Int32Array(), length: new Int32Array() };

/** Targets 0 and 1 are accelerators, 2 and 3 CPUs; an accelerator is worth two of them. */
function bench() {
  const cpu = { device: 'cpu' } as const;
  const options = kvOptions(4, {
    mode: 'device_aware_weighted',
    acceleratorToCpuRatio: 2,
    attributes: [{}, {}, cpu, cpu],
  });
  const router = new Router(options, noForest, openStream(1, 'test'));
  let requests = 0;
  let terms = 0;
  const send = (asked?: RouteTerms, pinnedTarget = -1): number => {
    if (asked !== undefined) router.defineTerms(terms, asked);
    const query = { ...newRouteQuery(), request: requests++, pinnedTarget };
    router.arrive({ ...query, terms: asked === undefined ? -1 : terms++ }, 0);
    const target = router.decisions.target[0]!;
    router.decisions.clear();
    return target;
  };
  return { router, send };
}

const isCpu = (target: number): boolean => target >= 2;

test('a CPU gets its part of what the accelerators have, in whole requests', () => {
  const { send } = bench();
  // CPUs may have ⌊accelerator load · 2 / (2 · 2)⌋: the first once accelerators have two.
  const kinds = Array.from({ length: 9 }, () => isCpu(send()));
  expect(kinds.map((cpu) => (cpu ? 'c' : 'a')).join('')).toBe('aacaacaac');
});

test('within a group the least loaded takes it', () => {
  const { send } = bench();
  const first = send();
  expect(send()).toBe(1 - first);
});

test('without accelerators among the eligible the CPUs take it, and the other way round', () => {
  const { send } = bench();
  expect([send({ allowedWorkers: [2, 3] }), send({ allowedWorkers: [2, 3] })].toSorted()).toEqual([
    2, 3,
  ]);
  for (let request = 0; request < 5; request++) {
    expect(isCpu(send({ allowedWorkers: [0, 1] }))).toBe(false);
  }
});

test('who holds all embeddings serves the request, and it is no load there', () => {
  const { router, send } = bench();
  send(undefined, 3);
  expect(send({ embeddingHolders: [2, 3, 99] })).toBe(2);
  expect(send({ embeddingHolders: [3] })).toBe(3);
  expect([...router.sequences.activeRequests.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
  expect(isCpu(send({ embeddingHolders: [99] }))).toBe(false);
  expect(send({ embeddingHolders: [3] }, 2)).toBe(2);
  expect(router.sequences.activeRequests[2]).toBe(1);
});
