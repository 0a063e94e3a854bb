import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { msToNs, secondsToNs } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { QUEUE_REJECTED } from '../decisions.ts';
import type { RouterOptions } from '../options.ts';
import { newRouteQuery } from '../query.ts';
import { Router } from '../router.ts';
import type { ClassProfile, PolicyClass } from './classes/class-profile.ts';
import { PolicyNames } from './classes/policy-names.ts';

/** Node n is a prompt of its own with eight blocks of 16 tokens. */
const forest: BlockForest = {
  parent: new Int32Array(16).fill(-1),
  attach: new Int32Array(16),
  length: new Int32Array(16).fill(8),
};

function newRouter(changes: Partial<RouterOptions>, targets = 1): Router {
  return new Router(kvOptions(targets, changes), forest, openStream(1, 'queue'));
}

/** Sends a prompt of 128 tokens, by node. */
function arrive(router: Router, request: number, atMs: number, policyClass = -1): void {
  const query = newRouteQuery();
  Object.assign(query, { request, leaf: request, leafBlocks: 8, totalBlocks: 8, policyClass });
  query.inputTokens = 128;
  router.arrive(query, msToNs(atMs));
}

/** Drains the log: request→target, and `!` where it was rejected. */
function decided(router: Router): string[] {
  const { count, request, target, outcome } = router.decisions;
  const rows = Array.from({ length: count }, (_, row) => {
    return outcome[row] === QUEUE_REJECTED ? `${request[row]}!` : `${request[row]}→${target[row]}`;
  });
  router.decisions.clear();
  return rows;
}

function member(name: string, family: string, rest: Partial<PolicyClass> = {}): PolicyClass {
  const defaults = { queuePolicy: 'fcfs' as const, quantum: 128, busyThresholdTokens: 0 };
  return { name, family, bucket: 'all', ...defaults, ...rest };
}

function profileOf(...classes: readonly PolicyClass[]): ClassProfile {
  return { defaultFamily: 'b', buckets: [{ name: 'all', minTokens: 0 }], classes };
}

test('a class with a backlog makes its own requests wait, and no others', () => {
  // Class a waits while there is any prefill; class b only above 1,000 tokens.
  const profile = profileOf(member('a', 'a'), member('b', 'b', { busyThresholdTokens: 1_000 }));
  const names = new PolicyNames(profile);
  const router = newRouter({ classes: profile });
  arrive(router, 0, 0, names.numberOf('a'));
  arrive(router, 1, 1, names.numberOf('a'));
  arrive(router, 2, 2, names.numberOf('b'));
  arrive(router, 3, 3, names.numberOf('unknown'));
  expect(decided(router)).toEqual(['0→0', '2→0', '3→0']);
  expect(router.pendingCount).toBe(1);
  router.freeAll(Int32Array.of(0, 2, 3), 3, msToNs(4));
  expect(decided(router)).toEqual(['1→0']);
});

test('the request that crosses a limit waits, the next is rejected and says by which limit', () => {
  const profile = profileOf(member('b', 'b', { rawTokenLimitPerWorker: 100 }));
  const router = newRouter({ classes: profile }, 2);
  for (let request = 0; request < 4; request++) arrive(router, request, request);
  // Two workers: 200 tokens. 128 wait, so the fourth is let in as well.
  expect(decided(router)).toHaveLength(2);
  arrive(router, 4, 4);
  expect(decided(router)).toEqual(['4!']);
  expect(router.lastRejection).toEqual({
    policyClass: 'b',
    limitKind: 'raw_isl_tokens',
    current: 256,
    limit: 200,
  });
  // A rejected request was never there, and may come again.
  router.free(4, msToNs(5));
  router.free(0, msToNs(5));
  decided(router);
  arrive(router, 4, 6);
  expect(router.pendingCount).toBe(2);
});

test('with two classes their quanta decide who leaves', () => {
  const profile = profileOf(member('a', 'a', { quantum: 384 }), member('b', 'b'));
  const names = new PolicyNames(profile);
  const router = newRouter({ classes: profile });
  arrive(router, 15, 0);
  for (let request = 0; request < 8; request++) {
    arrive(router, request, request, names.numberOf(request < 4 ? 'a' : 'b'));
  }
  decided(router);
  const order: string[] = [];
  for (let last = 15; order.length < 8; last = Number(order.at(-1))) {
    router.free(last, msToNs(20));
    order.push(...decided(router).map((row) => row.split('→')[0]!));
  }
  // A quantum of class a pays for three of its requests, one of class b for one.
  expect(order).toEqual(['0', '1', '2', '4', '3', '5', '6', '7']);
});

/** Request 0 keeps the only worker busy, request 1 waits; later the worker holds request 1's prompt. */
function overlapAfter(waitedMs: number, overlapRefreshAfterNs?: number): number {
  const refresh = overlapRefreshAfterNs === undefined ? {} : { overlapRefreshAfterNs };
  const router = newRouter({ queueThreshold: 0, ...refresh });
  arrive(router, 0, 0);
  arrive(router, 1, 0);
  router.stored(0, 1, 8);
  router.decisions.clear();
  router.free(0, msToNs(waitedMs));
  expect(router.decisions.request[0]).toBe(1);
  return router.decisions.overlapBlocks[0]!;
}

test('who has waited too long is looked up again, and nobody else', () => {
  const tenSeconds = secondsToNs(10);
  expect(overlapAfter(10_000, tenSeconds)).toBe(0);
  expect(overlapAfter(10_001, tenSeconds)).toBe(8);
  expect(overlapAfter(1e6)).toBe(0);
});

test('a router with somebody waiting asks to be woken, each minute anew', () => {
  const router = newRouter({ queueThreshold: 0 });
  arrive(router, 0, 0);
  expect(router.nextWakeupNs()).toBeUndefined();
  arrive(router, 1, 500);
  expect(router.nextWakeupNs()).toBe(secondsToNs(60.5));
  router.tick(secondsToNs(60.5));
  expect(router.pendingCount).toBe(1);
  expect(router.nextWakeupNs()).toBe(secondsToNs(120.5));
  router.free(0, secondsToNs(70));
  expect(router.nextWakeupNs()).toBeUndefined();
});

test('ranks of one worker count once for a limit', () => {
  const profile = profileOf(member('b', 'b', { requestLimitPerWorker: 1 }));
  const attributes = [0, 1].map((rank) => ({ worker: 0, rank }));
  const router = newRouter({ classes: profile, attributes }, 2);
  for (let request = 0; request < 4; request++) arrive(router, request, request);
  expect(decided(router)).toEqual([expect.any(String), expect.any(String), '3!']);
  expect(router.lastRejection).toMatchObject({ limitKind: 'requests', current: 1, limit: 1 });
});
