import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { NS_PER_S } from '#core/base/time.ts';
import { Router } from '#core/router/router.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import type { RouterOptions } from '../../options.ts';
import { newRouteQuery } from '../../query.ts';

/** A router of three targets; `ask` sends the prompt of four blocks and says what was believed. */
function bench(changes: Partial<RouterOptions>) {
  const forest = new PromptForest(1);
  const router = new Router(kvOptions(3, changes), forest, openStream(6, 'router'), forest);
  let requests = 0;
  const ask = (nowS: number): { target: number; overlap: number } => {
    const path = { leaf: -1, leafBlocks: 0 };
    forest.intern(Uint32Array.of(1, 2, 3, 4), 0, 4, path);
    const query = { ...newRouteQuery(), ...path, request: requests++, inputTokens: 70 };
    router.arrive({ ...query, totalBlocks: 4 }, nowS * NS_PER_S);
    const [target, overlap] = [router.decisions.target[0]!, router.decisions.overlapBlocks[0]!];
    router.decisions.clear();
    // The request ends at once: only what the router remembers keeps the prompt alive.
    router.free(query.request, nowS * NS_PER_S);
    forest.release(path.leaf);
    return { target, overlap };
  };
  return { forest, router, ask };
}

test('without events a prompt goes back to where it was sent, until that is forgotten', () => {
  const approximate = { policy: 'ttl', ttlNs: 120 * NS_PER_S } as const;
  const { forest, router, ask } = bench({ approximate });
  const first = ask(0);
  expect([first.overlap, forest.nodes]).toEqual([0, 1]);
  expect(ask(100)).toEqual({ target: first.target, overlap: 4 });
  expect(ask(219)).toEqual({ target: first.target, overlap: 4 });
  expect(ask(339).overlap).toBe(0);
  router.tick(500 * NS_PER_S);
  expect(forest.nodes).toBe(0);
});

test('a target that is gone is not remembered', () => {
  const { forest, router, ask } = bench({ approximate: { policy: 'lru', capacityBlocks: 100 } });
  const { target } = ask(0);
  router.removeTarget(target, NS_PER_S);
  expect(forest.nodes).toBe(0);
  expect(ask(2).overlap).toBe(0);
});

test('predictions bridge the time until events arrive, and do not outlive it', () => {
  const { router, ask } = bench({ predictedTtlNs: 5 * NS_PER_S });
  const first = ask(0);
  expect(ask(4)).toEqual({ target: first.target, overlap: 4 });
  expect(ask(10).overlap).toBe(0);
  router.stored(first.target, 0, 3);
  expect(ask(20)).toEqual({ target: first.target, overlap: 3 });
});
