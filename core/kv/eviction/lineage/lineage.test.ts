import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineageEviction } from './lineage.ts';

test('leaves before parents, whichever came first', () => {
  const lineage = new LineageEviction(4);
  lineage.insert(0, 10, -1);
  lineage.insert(1, 11, 10);
  lineage.insert(2, 12, 11);
  expect([lineage.nextVictim(), lineage.nextVictim(), lineage.nextVictim()]).toEqual([2, 1, 0]);
});

test('a parent that comes after its child waits for it', () => {
  const lineage = new LineageEviction(4);
  lineage.insert(2, 12, 11);
  lineage.insert(1, 11, 10);
  expect([lineage.nextVictim(), lineage.nextVictim(), lineage.size]).toEqual([2, 1, 0]);
});

test('a block that becomes a leaf again keeps its place by its original tick', () => {
  const lineage = new LineageEviction(4);
  lineage.insert(0, 10, -1);
  lineage.insert(3, 30, -1);
  lineage.insert(1, 11, 10);
  lineage.remove(1);
  expect([lineage.nextVictim(), lineage.nextVictim()]).toEqual([0, 3]);
});

test('a hash waits once; a revived block must be there', () => {
  const lineage = new LineageEviction(2);
  lineage.insert(0, 10, -1);
  expect(() => lineage.insert(1, 10, -1)).toThrow('waiting already');
  expect(() => lineage.remove(1)).toThrow('not in the policy');
});

test('no victim has a waiting child, on random forests with revivals', () => {
  const blocks = 24;
  // The parent of hash h is below h, so that the relation has no cycle.
  const forest = fc.tuple(
    ...Array.from({ length: blocks }, (_, hash) => fc.integer({ min: -1, max: hash - 1 })),
  );
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(blocks - 1)), { maxLength: 200 });
  fc.assert(
    fc.property(forest, steps, (parents, moves) => {
      const lineage = new LineageEviction(blocks);
      const waiting = new Set<number>();
      for (const [evict, hash] of moves) {
        if (evict && waiting.size > 0) {
          const victim = lineage.nextVictim();
          expect(waiting.delete(victim)).toBe(true);
          for (const other of waiting) expect(parents[other]).not.toBe(victim);
        } else if (waiting.delete(hash)) {
          lineage.remove(hash);
        } else {
          lineage.insert(hash, hash, parents[hash]!);
          waiting.add(hash);
        }
        expect(lineage.size).toBe(waiting.size);
      }
    }),
    { seed: 9, numRuns: 300 },
  );
});
