import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { msToNs } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { NO_ENDPOINTS, PINNED_WORKER_NOT_ALLOWED, ROUTED } from './decisions.ts';
import type { RouterOptions } from './options.ts';
import type { RouteQuery } from './query.ts';
import { newRouteQuery } from './query.ts';
import { Router } from './router.ts';

/** Node n is a prompt of its own with `length[n]` full blocks of 64 tokens. */
function prompts(inputTokens: readonly number[]): BlockForest {
  const length = Int32Array.from(inputTokens, (tokens) => Math.floor(tokens / 64));
  return { parent: length.map(() => -1), attach: length.map(() => 0), length };
}

/** Two targets under the KV mode's defaults. */
const DEFAULTS = kvOptions(2, { blockSize: 64 });

function newRouter(inputTokens: readonly number[], changes: Partial<RouterOptions>): Router {
  const options = { ...DEFAULTS, ...changes };
  return new Router(options, prompts(inputTokens), openStream(1, 'router'));
}

function queryOf(request: number, inputTokens: number): RouteQuery {
  const blocks = Math.floor(inputTokens / 64);
  const query = newRouteQuery();
  query.request = request;
  query.leaf = blocks === 0 ? -1 : request;
  query.leafBlocks = blocks;
  query.totalBlocks = blocks;
  query.inputTokens = inputTokens;
  return query;
}

/** Drains the log: the decided requests with their targets, `q` marks those that waited. */
function decided(router: Router): string[] {
  const { count, request, target, queued } = router.decisions;
  const rows = Array.from({ length: count }, (_, row) => {
    return `${request[row]}→${target[row]}${queued[row] === 1 ? 'q' : ''}`;
  });
  router.decisions.clear();
  return rows;
}

/** Five prompts 1 ms apart, two workers of 50 tokens threshold; the first two fill both. */
const LENGTHS = [100, 101, 302, 200, 120];

function fillQueue(router: Router, adjust: (query: RouteQuery) => void): string {
  for (const [request, inputTokens] of LENGTHS.entries()) {
    const query = queryOf(request, inputTokens);
    adjust(query);
    router.arrive(query, msToNs(request));
  }
  expect(router.pendingCount).toBe(3);
  const [first, second] = decided(router);
  const firstTarget = first === '0→0' ? 0 : 1;
  expect([first, second]).toEqual([`0→${firstTarget}`, `1→${1 - firstTarget}`]);
  return `${firstTarget}`;
}

test.each([
  ['fcfs', [2, 3, 4]],
  ['lcfs', [4, 3, 2]],
  ['wspt', [4, 3, 2]],
] as const)(
  '%s orders the waiting requests; each end of a prefill lets one go',
  (policy, order) => {
    const router = newRouter(LENGTHS, { queueThreshold: 0.5, queuePolicy: policy });
    const firstTarget = fillQueue(router, () => {});
    router.prefillCompleted(0, msToNs(10));
    expect(decided(router)).toEqual([`${order[0]}→${firstTarget}q`]);
    router.prefillCompleted(1, msToNs(21));
    expect(decided(router)).toEqual([`${order[1]}→${1 - Number(firstTarget)}q`]);
    router.prefillCompleted(1, msToNs(21));
    expect(decided(router)).toEqual([]);
    router.free(order[0], msToNs(34));
    expect(decided(router)).toEqual([`${order[2]}→${firstTarget}q`]);
  },
);

test('strict priority goes before everything, priority is a head start in seconds', () => {
  const router = newRouter(LENGTHS, { queueThreshold: 0.5 });
  fillQueue(router, (query) => {
    if (query.request === 3) query.priority = 5;
    if (query.request === 4) query.strictPriority = 1;
  });
  router.prefillCompleted(0, msToNs(10));
  router.prefillCompleted(1, msToNs(21));
  router.free(4, msToNs(34));
  expect(decided(router).map((row) => row[0])).toEqual(['4', '3', '2']);
});

test('the gate opens for one idle target, but the cheapest target wins, and draining goes on', () => {
  const lengths = [640, 65, 60, 55];
  const router = newRouter(lengths, { queueThreshold: 0.5, decodeActiveRequestWeight: 100 });
  const pinned = queryOf(0, 640);
  pinned.pinnedTarget = 0;
  router.arrive(pinned, 0);
  for (let filler = 10; filler < 12; filler++) {
    const query = queryOf(filler, 5);
    query.pinnedTarget = 1;
    router.arrive(query, 0);
  }
  const last = queryOf(12, 55);
  last.pinnedTarget = 1;
  router.arrive(last, 0);
  router.arrive(queryOf(2, 60), 1);
  router.arrive(queryOf(3, 55), 2);
  expect(router.pendingCount).toBe(2);
  decided(router);
  // Target 1 gets idle with two requests left (200), target 0 stays busy but has only one (100).
  router.prefillCompleted(12, 3);
  router.free(12, 3);
  // Request 2 goes to the busy target 0; target 1 is still idle, so request 3 goes on as well.
  expect(decided(router).map((row) => row.slice(0, 3))[0]).toBe('2→0');
  expect(router.pendingCount).toBe(0);
});

test('a blocked pin holds up nobody else', () => {
  const router = newRouter(LENGTHS, { queueThreshold: 0.5 });
  for (const request of [0, 1]) {
    const query = queryOf(request, LENGTHS[request]!);
    query.pinnedTarget = request;
    router.arrive(query, 0);
  }
  decided(router);
  const pinned = queryOf(2, 302);
  pinned.pinnedTarget = 1;
  router.arrive(pinned, 1);
  router.arrive(queryOf(3, 200), 2);
  router.prefillCompleted(0, 3);
  expect(decided(router)).toEqual(['3→0q']);
  router.prefillCompleted(1, 4);
  expect(decided(router)).toEqual(['2→1q']);
});

test('giving up a waiting request takes it out of the queue', () => {
  const router = newRouter(LENGTHS, { queueThreshold: 0.5 });
  fillQueue(router, () => {});
  router.free(3, msToNs(5));
  router.free(3, msToNs(5));
  expect(router.pendingCount).toBe(2);
  router.prefillCompleted(0, msToNs(10));
  router.prefillCompleted(1, msToNs(10));
  expect(decided(router).map((row) => row[0])).toEqual(['2', '4']);
});

test('without a threshold nothing ever waits', () => {
  const router = newRouter(LENGTHS, {});
  for (const [request, inputTokens] of LENGTHS.entries()) {
    router.arrive(queryOf(request, inputTokens), request);
  }
  expect(decided(router)).toHaveLength(5);
});

test('overlap attracts until load outweighs it', () => {
  const router = newRouter([640, 640, 640], {});
  const first = queryOf(0, 640);
  router.arrive(first, 0);
  const home = router.decisions.target[0]!;
  decided(router);
  router.stored(home, 0, 10);
  router.prefillCompleted(0, 1);
  // The same prompt again: 10 blocks cached and 10 in use at home, against 20 elsewhere.
  const again = { ...first, request: 1 };
  router.arrive(again, 2);
  expect(router.decisions.overlapBlocks[0]).toBe(10);
  expect(router.decisions.bestOverlapBlocks[0]).toBe(10);
  expect(router.explainLast).toMatchObject({ target: home, cost: 10, additionalBlocks: 0 });
  expect(decided(router)).toEqual([`1→${home}`]);
  // Two blocks of it: 2 − 2 + 10 at home, 2 + 2 elsewhere.
  router.arrive({ ...first, request: 2, leafBlocks: 2, totalBlocks: 2, inputTokens: 128 }, 3);
  expect(router.decisions.overlapBlocks[0]).toBe(0);
  expect(router.decisions.bestOverlapBlocks[0]).toBe(2);
  expect(decided(router)).toEqual([`2→${1 - home}`]);
});

test('an id that is active or waiting is refused', () => {
  const router = newRouter(LENGTHS, { queueThreshold: 0.5 });
  fillQueue(router, () => {});
  expect(() => router.arrive(queryOf(0, 100), 9)).toThrow(/active or waiting/);
  expect(() => router.arrive(queryOf(3, 100), 9)).toThrow(/active or waiting/);
});

test('rejections say why, and a pin is never rerouted', () => {
  const router = newRouter(LENGTHS, { queueThreshold: 0.5 });
  router.removeTarget(1, 0);
  const pinned = queryOf(0, 100);
  pinned.pinnedTarget = 1;
  router.arrive(pinned, 0);
  expect(router.decisions.outcome[0]).toBe(PINNED_WORKER_NOT_ALLOWED);
  expect(decided(router)).toEqual(['0→-1']);
  router.removeTarget(0, 0);
  router.arrive(queryOf(1, 100), 0);
  expect(router.decisions.outcome[0]).toBe(NO_ENDPOINTS);
  decided(router);
  router.addTarget(1, 1);
  router.arrive(pinned, 1);
  expect(router.decisions.outcome[0]).toBe(ROUTED);
});

test('a removed target forgets its prefix and its load', () => {
  const router = newRouter([640, 640], {});
  router.stored(0, 0, 10);
  router.arrive(queryOf(0, 640), 0);
  expect(decided(router)).toEqual(['0→0']);
  router.removeTarget(0, 1);
  router.stored(0, 0, 10);
  expect(router.sequences.activeRequests[0]).toBe(0);
  router.addTarget(0, 2);
  router.free(0, 2);
  router.arrive({ ...queryOf(1, 640), leaf: 0 }, 3);
  expect(router.decisions.bestOverlapBlocks[0]).toBe(0);
});

test.each<[string, (router: Router, nowNs: number) => void]>([
  ['describeTarget', (router, nowNs) => router.describeTarget(0, { taints: ['a'] }, nowNs)],
  ['setAvailable', (router, nowNs) => router.setAvailable(0, true, nowNs)],
  ['loadReported', (router, nowNs) => router.loadReported(0, 0, 0, 0, nowNs)],
  ['setBusyThresholds', (router, nowNs) => router.setBusyThresholds({}, nowNs)],
])('%s forgets what has expired by then before it lets anybody go', (_name, tell) => {
  const limits = { queueThreshold: 0.5, requestExpiryNs: msToNs(1000) };
  const router = newRouter([640, 640, 640], limits);
  router.setAvailable(1, false, 0);
  router.arrive(queryOf(0, 640), 0);
  router.arrive(queryOf(1, 640), 0);
  expect(decided(router)).toEqual(['0→0']);
  tell(router, msToNs(61_000));
  expect(decided(router)).toEqual(['1→0q']);
});
