import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHAIN_ROOT, ChainTier } from './chain-tier.ts';
import { type ChainHits, LowerTiers } from './lower-tiers.ts';

/** Prompt 1, 2, 3, 4, 5, 6 by content; the engine names its blocks 101 … 106. */
const LOCALS = [1, 2, 3, 4, 5, 6];

function match(tiers: LowerTiers, target: number, position: number, last: number): number[] {
  const hits: ChainHits = { host: 0, disk: 0, external: 0 };
  tiers.match(target, LOCALS, LOCALS.length, { position, last }, hits);
  return [hits.host, hits.disk, hits.external];
}

test('each tier starts behind the last block of the one before, the first behind the device', () => {
  const tiers = new LowerTiers();
  expect(tiers.host.store(7, 102, [3], [103], 1)).toBe(1);
  expect(tiers.disk.store(7, 103, [4, 5], [104, 105], 2)).toBe(2);
  expect(tiers.external.store(7, 105, [6], [106], 1)).toBe(1);
  expect(match(tiers, 7, 2, 102)).toEqual([1, 2, 1]);
  expect(match(tiers, 7, 3, 103)).toEqual([0, 2, 1]);
  expect(match(tiers, 7, 0, CHAIN_ROOT)).toEqual([0, 0, 0]);
  expect(match(tiers, 8, 2, 102)).toEqual([0, 0, 0]);
  tiers.host.store(8, CHAIN_ROOT, [1, 2], [101, 102], 2);
  expect(match(tiers, 8, 0, CHAIN_ROOT)).toEqual([2, 0, 0]);
  tiers.removeTarget(7);
  expect([tiers.host.size, tiers.disk.size, tiers.external.size]).toEqual([2, 0, 0]);
});

test('where a place is taken the block there stays, and the rest of the chain is dropped', () => {
  const tier = new ChainTier();
  tier.store(0, CHAIN_ROOT, [1, 2, 3], [101, 102, 103], 3);
  expect(tier.store(1, CHAIN_ROOT, [1, 2, 3], [101, 902, 903], 3)).toBe(1);
  expect(tier.size).toBe(3);
});

test('a removed block leaves those behind it, and an unknown one ends the event', () => {
  const tiers = new LowerTiers();
  const { host } = tiers;
  host.store(0, CHAIN_ROOT, [1, 2, 3], [101, 102, 103], 3);
  expect(host.remove(0, [102], 1)).toBeUndefined();
  expect(match(tiers, 0, 0, CHAIN_ROOT)).toEqual([1, 0, 0]);
  expect(match(tiers, 0, 2, 102)).toEqual([1, 0, 0]);
  host.store(0, 101, [2], [102], 1);
  expect(match(tiers, 0, 0, CHAIN_ROOT)).toEqual([3, 0, 0]);
  expect(host.remove(0, [103, 999, 101], 3)).toBe('index_block_not_found');
  expect(match(tiers, 0, 0, CHAIN_ROOT)).toEqual([2, 0, 0]);
  expect(host.remove(1, [101], 1)).toBe('index_block_not_found');
});

const step = fc.record({
  kind: fc.constantFrom('store', 'store', 'store', 'remove', 'clear'),
  target: fc.nat({ max: 2 }),
  parent: fc.integer({ min: -1, max: 5 }),
  locals: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
  externals: fc.array(fc.nat({ max: 5 }), { minLength: 3, maxLength: 3 }),
});

test('a tier equals a naive table of edges', () => {
  const prompt = fc.array(fc.nat({ max: 2 }), { maxLength: 6 });
  const start = fc.integer({ min: -1, max: 5 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), prompt, start, (steps, locals, last) => {
      const tier = new ChainTier();
      const edges = new Map<string, { child: number; owners: Set<number> }>();
      const dropAll = (target: number, child: number | undefined): boolean => {
        let dropped = false;
        for (const [key, edge] of [...edges]) {
          if (child !== undefined && edge.child !== child) continue;
          dropped = edge.owners.delete(target) || dropped;
          if (edge.owners.size === 0) edges.delete(key);
        }
        return dropped;
      };
      for (const { kind, target, parent, locals: blocks, externals } of steps) {
        if (kind === 'clear') {
          tier.clear(target);
          dropAll(target, undefined);
        } else if (kind === 'remove') {
          const code = tier.remove(target, externals, blocks.length);
          const gone = externals.slice(0, blocks.length);
          expect(code === undefined).toBe(gone.every((child) => dropAll(target, child)));
        } else {
          let from = parent;
          let taken = 0;
          for (const [index, local] of blocks.entries()) {
            const key = `${from}:${local}`;
            const edge = edges.get(key) ?? { child: externals[index]!, owners: new Set<number>() };
            if (edge.child !== externals[index]) break;
            edges.set(key, edge);
            edge.owners.add(target);
            from = edge.child;
            taken++;
          }
          expect(tier.store(target, parent, blocks, externals, blocks.length)).toBe(taken);
        }
        expect(tier.size).toBe(edges.size);
      }
      for (const target of [0, 1, 2]) {
        const end = { position: 0, last };
        tier.walk(target, locals, locals.length, end);
        let from = last;
        let reached = 0;
        for (const local of locals) {
          const edge = edges.get(`${from}:${local}`);
          if (edge?.owners.has(target) !== true) break;
          from = edge.child;
          reached++;
        }
        expect(end).toEqual({ position: reached, last: from });
      }
    }),
    { numRuns: 300 },
  );
});
