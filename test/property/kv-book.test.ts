import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockBook } from '#live/events/book/block-book.ts';
import type { StoredTokens } from '#live/events/kv-event.ts';
import { IndexFacts } from '../support/index-facts.ts';
import { check } from './check.ts';

const SIZE = 2;
const TARGETS = 2;
const GROUP = { index: undefined, kind: undefined };
const PLAIN = {
  tier: 'device',
  group: GROUP,
  bigrams: false,
  blockSize: SIZE,
  loraName: undefined,
  loraId: undefined,
  cacheSalt: undefined,
  extraKeys: undefined,
  mediaHashes: undefined,
} as const;

/** Blocks of a small tree: block n follows block parentOf(n), and its tokens say which it is. */
const BLOCKS = 14;
const parentOf = (n: number) => Math.floor((n - 1) / 2);
const tokensOf = (n: number) => [n, n + 100];

function promptOf(n: number): number[] {
  return n < 0 ? [] : [...(n === 0 ? [] : promptOf(parentOf(n))), ...tokensOf(n)];
}

/** Each engine has names of its own; what two ways of naming share is the content alone. */
const nameOf = (target: number, n: number) => BigInt(n + 1) * 1_000n + BigInt(target * 7 + 1);

function storeOf(target: number, n: number): StoredTokens {
  const parent = n === 0 ? undefined : nameOf(target, parentOf(n));
  const names = { hashes: [nameOf(target, n)], tokens: tokensOf(n), parent };
  return { kind: 'stored_tokens', ...PLAIN, ...names };
}

const step = fc.record({
  what: fc.constantFrom('store', 'store', 'store', 'remove', 'remove', 'clear'),
  target: fc.nat(TARGETS - 1),
  block: fc.nat(BLOCKS - 1),
  rare: fc.nat(9),
});

test('books tell the index what engines hold, copies counted, whatever they call it', () => {
  check(fc.array(step, { maxLength: 80, size: 'max' }), 150, (steps) => {
    const facts = new IndexFacts();
    const books = Array.from(
      { length: TARGETS },
      (_, target) => new BlockBook({ target, blockSize: SIZE, facts, rememberedBlocks: 3 }),
    );
    /** By target, copies of each block; and the names that a book may still know. */
    const copies = books.map(() => new Map<number, number>());
    for (const { what, target, block, rare } of steps) {
      const held = copies[target]!;
      const book = books[target]!;
      const count = held.get(block) ?? 0;
      if (what === 'clear' && rare === 0) {
        book.apply({ kind: 'cleared' });
        held.clear();
      } else if (what === 'remove' && count > 0) {
        const hashes = [nameOf(target, block)];
        book.apply({ kind: 'removed', tier: 'device', group: GROUP, hashes });
        held.set(block, count - 1);
      } else if (what === 'store' && (block === 0 || (held.get(parentOf(block)) ?? 0) > 0)) {
        book.apply(storeOf(target, block));
        held.set(block, count + 1);
      }
    }
    for (const [target, held] of copies.entries()) {
      expect([books[target]!.lack, books[target]!.counters.unknownRemovals]).toEqual([
        undefined,
        0,
      ]);
      for (let block = 0; block < BLOCKS; block++) {
        const path = pathTo(block);
        const missing = path.findIndex((n) => (held.get(n) ?? 0) === 0);
        const expected = missing < 0 ? path.length : missing;
        expect(facts.overlap(target, promptOf(block), SIZE)).toBe(expected);
      }
    }
    for (const book of books) book.forget();
    expect(facts.forest.nodes).toBe(0);
  });
});

/** The blocks of a prompt that ends with the block, first to last. */
function pathTo(block: number): number[] {
  return block === 0 ? [0] : [...pathTo(parentOf(block)), block];
}
