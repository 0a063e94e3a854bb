import { expect, test } from 'vitest';
import { BlockIds } from './block-ids.ts';
import type { Session } from './session-source.ts';
import { WORKLOADS } from './tenants.ts';

function session(name: string, systemTokens: number): Session {
  return { name, tenant: WORKLOADS.chat[0], systemPrompt: 0, systemTokens, turns: [] };
}

test('full system blocks are shared, own blocks stay, a block that is not full is new each turn', () => {
  const ids = new BlockIds(10);
  const a = session('a', 25);
  const b = session('b', 25);
  // 34 tokens: two shared blocks, one where the system prompt ends, one of 4 tokens.
  expect(ids.of(a, 34)).toEqual([0, 1, 2, 3]);
  // 52 tokens: the block of 4 is full now, and therefore another one.
  expect(ids.of(a, 52)).toEqual([0, 1, 2, 4, 5, 6]);
  expect(ids.of(b, 30)).toEqual([0, 1, 7]);
});

test('a prompt that ends on a block has no block that is not full', () => {
  const ids = new BlockIds(10);
  expect(ids.of(session('a', 10), 20)).toEqual([0, 1]);
});
