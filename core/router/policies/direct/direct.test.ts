import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { NO_TARGET_NAMED, ROUTED } from '../../decisions.ts';
import { newRouteQuery } from '../../query.ts';
import { Router } from '../../router.ts';

const noForest = { parent: new Int32Array(), attach: new Int32Array(), length: new Int32Array() };

test('who names a target gets it, who names none is turned down', () => {
  const router = new Router(kvOptions(2, { mode: 'direct' }), noForest, openStream(1, 'test'));
  router.arrive({ ...newRouteQuery(), request: 0, pinnedTarget: 1 }, 0);
  router.arrive({ ...newRouteQuery(), request: 1 }, 0);
  router.defineTerms(0, { allowedWorkers: [0] });
  router.arrive({ ...newRouteQuery(), request: 2, terms: 0 }, 0);
  const { target, outcome } = router.decisions;
  expect([...target.subarray(0, 3)]).toEqual([1, -1, -1]);
  expect([...outcome.subarray(0, 3)]).toEqual([ROUTED, NO_TARGET_NAMED, NO_TARGET_NAMED]);
  expect(router.sequences.activeRequests[1]).toBe(1);
});
