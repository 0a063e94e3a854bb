import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
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

test('a cut in the middle of an edge shortens what a target holds; storing it again brings it back', () => {
  const index = new RadixIndex();
  const path = [0, 1, 2, 0, 1];
  const held = () => matchOf(index, path)[0];
  store(index, 0, [], path);
  expect(held()).toBe(5);
  index.remove(0, [externalOf(path.slice(0, 3))], 1);
  expect(held()).toBe(2);
  store(index, 0, path.slice(0, 2), path.slice(2, 3));
  expect(held()).toBe(3);
  store(index, 0, path.slice(0, 3), path.slice(3));
  expect(held()).toBe(5);
});

test('after any cut only what is stored again is held again', () => {
  const path = fc.array(fc.nat({ max: LETTERS - 1 }), { minLength: 2, maxLength: 12 });
  const cuts = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 });
  fc.assert(
    fc.property(path, cuts, (locals, drawn) => {
      const index = new RadixIndex();
      store(index, 0, [], locals);
      // Another target holds all of it all the time, and keeps the edges as long as they are.
      store(index, 1, [], locals);
      let held = locals.length;
      for (const [at, more] of drawn) {
        const depth = at % locals.length;
        const known = depth < held;
        const code = index.remove(0, [externalOf(locals.slice(0, depth + 1))], 1);
        expect(code).toBe(known ? undefined : 'index_block_not_found');
        if (known) held = depth;
        expect(matchOf(index, locals)[0]).toBe(held);
        const end = held + (more % (locals.length - held + 1));
        if (end > held) store(index, 0, locals.slice(0, held), locals.slice(held, end));
        held = end;
        expect(matchOf(index, locals).slice(0, 2)).toEqual([held, locals.length]);
      }
    }),
  );
});

/**
 * Every block that a dump tells of targets other than the given one. A dump may tell the same in
 * more events once an edge has been split.
 */
function blocksBeside(target: number, dump: ReturnType<RadixIndex['dump']>): string[] {
  return dump
    .filter((event) => event.target !== target)
    .flatMap(({ target: owner, parent, locals, externals }) =>
      locals.map((local, at) => {
        const above = at === 0 ? parent : externals[at - 1];
        return `${owner}: ${above} → ${externals[at]} (${local})`;
      }),
    )
    .sort();
}

test('storing and removing a leaf is the identity', () => {
  fc.assert(
    fc.property(stores, letters, fc.nat({ max: LETTERS - 1 }), (events, parent, letter) => {
      const { index, naive } = filled(events);
      const leaf = [...parent, letter];
      if (!naive.holds(2, parent) || naive.holds(2, leaf)) return;
      const asked = [leaf, parent, [...leaf, 0]];
      const before = asked.map((query) => matchOf(index, query));
      const dump = index.dump();
      store(index, 2, parent, [letter]);
      expect(matchOf(index, leaf)[2]).toBe(leaf.length);
      index.remove(2, [externalOf(leaf)], 1);
      expect(asked.map((query) => matchOf(index, query))).toEqual(before);
      expect(blocksBeside(2, index.dump())).toEqual(blocksBeside(2, dump));
    }),
  );
});

test('on a prompt of 1,300 blocks 1,200 lookups equal a scan block by block', () => {
  const stream = openStream(16, 'long');
  const locals = Array.from({ length: 1300 }, () => stream.nextBelow(1_000_000));
  const externals = locals.map((_, at) => at);
  const index = new RadixIndex();
  const held = Array.from({ length: TARGETS }, () => 1 + stream.nextBelow(locals.length));
  for (const [target, count] of held.entries()) index.store(target, -1, locals, externals, count);
  for (let lookup = 0; lookup < 1200; lookup++) {
    const length = 1 + stream.nextBelow(locals.length);
    // Half of the lookups leave the prompt at some block.
    const leaves = lookup % 2 === 0 ? length : stream.nextBelow(length);
    const asked = locals.slice(0, length).map((local, at) => (at === leaves ? -1 - local : local));
    const expected = held.map((count) => {
      let matched = 0;
      while (matched < Math.min(length, count) && asked[matched] === locals[matched]) matched++;
      return matched;
    });
    expect(matchOf(index, asked)).toEqual(expected);
  }
});
