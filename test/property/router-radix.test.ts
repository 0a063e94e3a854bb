import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { RadixIndex } from '#core/router/index/radix/radix-index.ts';
import { NaiveRadix } from '../reference/naive-radix.ts';

const TARGETS = 4;
const LETTERS = 3;
const letters = fc.array(fc.nat({ max: LETTERS - 1 }), { maxLength: 5 });
const event = fc.record({
  kind: fc.constantFrom('store', 'store', 'store', 'remove', 'remove', 'removeTarget'),
  target: fc.nat({ max: TARGETS - 1 }),
  parent: letters,
  locals: letters,
  rare: fc.nat({ max: 5 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** A path's external hash: its letters as digits, so that paths and hashes are one to one. */
function externalOf(path: readonly number[]): number {
  return path.reduce((hash, letter) => hash * (LETTERS + 1) + letter + 1, 0);
}

function store(index: RadixIndex, target: number, parent: number[], locals: number[]) {
  const externals = locals.map((_, at) => externalOf([...parent, ...locals.slice(0, at + 1)]));
  const parentHash = parent.length === 0 ? -1 : externalOf(parent);
  return index.store(target, parentHash, locals, externals, locals.length);
}

function matchOf(index: RadixIndex, locals: readonly number[]): number[] {
  const match = new PrefixMatch();
  index.match(locals, locals.length, match);
  return Array.from({ length: TARGETS }, (_, target) => match.blocksOf(target));
}

/** Applies an event to both; removals only take leaves. */
function apply(index: RadixIndex, naive: NaiveRadix, drawn: Event): void {
  const { kind, target, parent, locals, rare } = drawn;
  if (kind === 'store') {
    const code = store(index, target, parent, locals);
    expect(code).toBe(naive.holds(target, parent) ? undefined : 'index_parent_not_found');
    if (code === undefined) naive.store(target, parent, locals);
  } else if (kind === 'remove' && parent.length > 0) {
    const held = naive.holds(target, parent);
    if (held && !naive.isLeaf(target, parent)) return;
    const code = index.remove(target, [externalOf(parent)], 1);
    expect(code).toBe(held ? undefined : 'index_block_not_found');
    naive.remove(target, parent);
  } else if (kind === 'removeTarget' && rare === 0) {
    index.removeTarget(target);
    naive.removeTarget(target);
  }
}

test('scores equal the longest stored prefix, for leaf-first removals', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120, size: 'max' }), letters, (events, query) => {
      const index = new RadixIndex();
      const naive = new NaiveRadix(TARGETS);
      for (const drawn of events) {
        apply(index, naive, drawn);
        const asked = [...drawn.parent, ...drawn.locals, ...query];
        expect(matchOf(index, asked)).toEqual(naive.match(asked));
      }
    }),
    { numRuns: 300 },
  );
});

test('a dump loaded into an empty index gives the same scores', () => {
  const anyRemoval = fc.array(event, { maxLength: 80, size: 'max' });
  const queries = fc.array(fc.array(fc.nat({ max: LETTERS - 1 }), { maxLength: 8 }));
  fc.assert(
    fc.property(anyRemoval, queries, (events, asked) => {
      const index = new RadixIndex();
      for (const { kind, target, parent, locals } of events) {
        if (kind === 'store') store(index, target, parent, locals);
        else index.remove(target, [externalOf(parent)], 1);
      }
      const copy = new RadixIndex();
      copy.load(index.dump());
      for (const query of asked) expect(matchOf(copy, query)).toEqual(matchOf(index, query));
    }),
  );
});

test('a dump tells what could not be loaded, and loads the rest', () => {
  const index = new RadixIndex();
  const events = [
    { target: 1, parent: -1, locals: [10], externals: [100] },
    { target: 1, parent: 999, locals: [11], externals: [101] },
    { target: 2, parent: -1, locals: [10], externals: [100] },
  ];
  expect(index.load(events)).toEqual({
    ok: false,
    error: { event: events[1], code: 'index_parent_not_found' },
  });
  expect(index.load([events[0]!, events[2]!])).toEqual({ ok: true, value: 2 });
});

test('the order within one removal does not matter', () => {
  const path = fc.array(fc.nat({ max: LETTERS - 1 }), { minLength: 1, maxLength: 8 });
  const picks = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(path, picks, (locals, depths) => {
      const hashes = depths.map((depth) => {
        return externalOf(locals.slice(0, 1 + (depth % locals.length)));
      });
      const results = [hashes, hashes.toReversed(), hashes.toSorted()].map((order) => {
        const index = new RadixIndex();
        store(index, 0, [], locals);
        const code = index.remove(0, order, order.length);
        return { code, match: matchOf(index, locals), dump: index.dump() };
      });
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    }),
  );
});

const stores = fc.array(
  fc.record({ target: fc.nat({ max: TARGETS - 1 }), parent: letters, locals: letters }),
  { maxLength: 40 },
);

function filled(events: readonly { target: number; parent: number[]; locals: number[] }[]) {
  const index = new RadixIndex();
  const naive = new NaiveRadix(TARGETS);
  for (const { target, parent, locals } of events) {
    if (store(index, target, parent, locals) === undefined) naive.store(target, parent, locals);
  }
  return { index, naive };
}

/** Targets are (worker, rank) pairs: 0 and 1 are the ranks of one worker, 2 and 3 of another. */
test.each([
  ['a rank', [1]],
  ['a worker', [0, 1]],
  ['all', [0, 1, 2, 3]],
])('removing %s leaves the others as they were, and comes back only by a new store', (_, gone) => {
  const queries = fc.array(fc.array(fc.nat({ max: LETTERS - 1 }), { maxLength: 8 }));
  fc.assert(
    fc.property(stores, queries, letters, (events, asked, again) => {
      const { index, naive } = filled(events);
      const before = asked.map((query) => matchOf(index, query));
      for (const target of gone) index.removeTarget(target);
      const left = before.map((match) =>
        match.map((blocks, id) => (gone.includes(id) ? 0 : blocks)),
      );
      expect(asked.map((query) => matchOf(index, query))).toEqual(left);
      expect(index.dump().filter(({ target }) => gone.includes(target))).toEqual([]);
      for (const target of gone) {
        // Its old blocks are no parents any more, also where another target still has them.
        if (again.length > 0)
          expect(store(index, target, again, [0])).toBe('index_parent_not_found');
        expect(store(index, target, [], again)).toBeUndefined();
        expect(matchOf(index, again)[target]).toBe(again.length);
      }
      for (let target = 0; target < TARGETS; target++) {
        if (gone.includes(target)) continue;
        expect(matchOf(index, again)[target]).toBe(naive.match(again)[target]);
      }
    }),
  );
});

test('a parent that only another target knows is refused, and nothing changes', () => {
  const nonEmpty = fc.array(fc.nat({ max: LETTERS - 1 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(stores, nonEmpty, nonEmpty, (events, parent, locals) => {
      const { index } = filled(events.filter(({ target }) => target !== 3));
      store(index, 0, [], parent);
      const before = index.dump();
      expect(store(index, 3, parent, locals)).toBe('index_parent_not_found');
      expect(index.dump()).toEqual(before);
      expect(matchOf(index, [...parent, ...locals])[3]).toBe(0);
    }),
  );
});
