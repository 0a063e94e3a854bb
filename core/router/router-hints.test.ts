import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { newRouteQuery } from './query.ts';
import { Router } from './router.ts';

/** One prompt of 8 blocks of 16 tokens. */
const forest = { parent: Int32Array.of(-1), attach: Int32Array.of(0), length: Int32Array.of(8) };
const prompt = { ...newRouteQuery(), leaf: 0, leafBlocks: 8, totalBlocks: 8, inputTokens: 128 };

test('a hint names the peer with the longest prefix beyond the chosen one, the lowest of equals', () => {
  const router = new Router(kvOptions(4, { routerHints: true }), forest, openStream(1, 'test'));
  for (const [target, blocks] of [
    [0, 2],
    [1, 6],
    [2, 6],
    [3, 4],
  ] as const) {
    router.stored(target, 0, blocks);
  }
  const peers = [0, 1, 3].map((pinnedTarget, request) => {
    router.arrive({ ...prompt, request, pinnedTarget }, 0);
    return router.explainLast.peer;
  });
  expect(peers).toEqual([1, -1, 1]);
});
