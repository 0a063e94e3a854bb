import { expect, test } from 'vitest';
import type { RoutingMachine } from '#core/router/facts.ts';
import { EngineRoster } from './engine-roster.ts';
import { LiveBlocks } from './live-blocks.ts';
import type { RouterPool } from './router-pool.ts';

test('a router that cannot take that a node is free hinders the prompts behind it once', () => {
  const told: number[] = [];
  const blocks = new LiveBlocks(new EngineRoster(), 7n);
  const machine = {
    freeNode: (node: number) => {
      told.push(node);
      if (node === 1) throw new Error('not this one');
    },
  } as unknown as RoutingMachine;
  const pool = { note: (fact: (router: RoutingMachine) => void) => fact(machine) };
  blocks.serve([pool as unknown as RouterPool]);
  const leaf = blocks.intern([1n, 2n, 3n]);
  expect(() => blocks.release(leaf)).toThrow('not this one');
  expect(blocks.intern([4n])).toBe(0);
  expect(told).toEqual([2, 1, 0]);
});
