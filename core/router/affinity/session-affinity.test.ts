import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { OUTCOMES } from '../decisions.ts';
import type { RouterOptions } from '../options.ts';
import { newRouteQuery, type RouteQuery } from '../query.ts';
import { Router } from '../router.ts';

const noForest = { parent: new Int32Array(), attach: new Int32Array(), length: new Int32Array() };

/** A router whose sessions are remembered for 100 ns, and where its requests go. */
function bench(changes: Partial<RouterOptions> = {}) {
  const options = kvOptions(3, { sessionAffinityTtlNs: 100, ...changes });
  const router = new Router(options, noForest, openStream(1, 'test'));
  let requests = 0;
  const send = (nowNs: number, rest: Partial<RouteQuery> = {}): number | string => {
    const query = { ...newRouteQuery(), inputTokens: 40, session: 5, ...rest };
    router.arrive({ ...query, request: requests++ }, nowNs);
    if (router.decisions.count === 0) return 'waits';
    const target = router.decisions.target[0]!;
    const outcome = OUTCOMES[router.decisions.outcome[0]!]!.name;
    router.decisions.clear();
    return target < 0 ? outcome : target;
  };
  return { router, send };
}

test('requests of a session stay on a target as long as each comes within the time', () => {
  const { send } = bench();
  const home = send(0) as number;
  expect([send(60), send(159), send(258)]).toEqual([home, home, home]);
  // The home has the load of four requests: without the binding it is no choice.
  expect(send(358)).not.toBe(home);
});

test('other sessions, and requests of none, are free', () => {
  const { send } = bench();
  const home = send(0);
  expect(send(1, { session: 6 })).not.toBe(home);
  expect(send(1, { session: -1 })).not.toBe(home);
  expect(send(1)).toBe(home);
});

test('a request with a pin of its own goes there, and takes the session with it', () => {
  const { send } = bench();
  const home = send(0) as number;
  const other = (home + 1) % 3;
  expect(send(10, { pinnedTarget: other })).toBe(other);
  expect(send(20)).toBe(other);
});

test('a pin is a pin: an overloaded home rejects', () => {
  const { router, send } = bench({ busyThresholds: { activePrefillTokens: 30 } });
  const home = send(0) as number;
  expect(send(1)).toBe('pinned_worker_overloaded');
  router.prefillCompleted(0, 2);
  expect(send(3)).toBe(home);
});

test('a target that leaves frees its sessions, those that wait too', () => {
  const { router, send } = bench({ queueThreshold: 0.1 });
  const home = send(0) as number;
  expect(send(1)).toBe('waits');
  router.removeTarget(home, 2);
  expect(router.decisions.count).toBe(1);
  const next = router.decisions.target[0]!;
  expect([0, 1, 2].filter((target) => target !== home)).toContain(next);
  router.decisions.clear();
  router.addTarget(home, 3);
  router.prefillCompleted(1, 4);
  expect(send(5)).toBe(next);
});

test('without a time to live, sessions mean nothing', () => {
  const options = kvOptions(3);
  const router = new Router(options, noForest, openStream(1, 'test'));
  for (const request of [0, 1, 2]) {
    router.arrive({ ...newRouteQuery(), request, inputTokens: 40, session: 5 }, 0);
  }
  expect([...router.decisions.target.subarray(0, 3)].toSorted()).toEqual([0, 1, 2]);
});
