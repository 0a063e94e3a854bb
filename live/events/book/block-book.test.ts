import { beforeEach, expect, test } from 'vitest';
import { IndexFacts } from '#test/support/index-facts.ts';
import type { CacheGroup, KvTier, StoredTokens } from '../kv-event.ts';
import { BlockBook } from './block-book.ts';

const TARGET = 3;
const SIZE = 4;
const PROMPT = Array.from({ length: 12 }, (_, at) => at + 1);
const GROUP: CacheGroup = { index: undefined, kind: undefined };

let facts: IndexFacts;
let book: BlockBook;

beforeEach(() => {
  facts = new IndexFacts();
  book = new BlockBook({ target: TARGET, blockSize: SIZE, facts, rememberedBlocks: 4 });
});

function stored(hashes: readonly bigint[], tokens: readonly number[], more = {}): StoredTokens {
  return {
    kind: 'stored_tokens',
    tier: 'device',
    group: GROUP,
    hashes,
    parent: undefined,
    tokens,
    bigrams: false,
    blockSize: SIZE,
    loraName: undefined,
    loraId: undefined,
    cacheSalt: undefined,
    extraKeys: undefined,
    mediaHashes: undefined,
    ...more,
  };
}

function remove(hashes: readonly bigint[], tier: KvTier = 'device', group = GROUP): void {
  book.apply({ kind: 'removed', tier, group, hashes });
}

const overlap = (tokens = PROMPT, salt = {}) => facts.overlap(TARGET, tokens, SIZE, salt);

test('names of the engine become blocks that a prompt finds by its tokens', () => {
  book.apply(stored([101n, 102n], PROMPT.slice(0, 8)));
  expect(overlap()).toBe(2);
  book.apply(stored([103n], PROMPT.slice(8), { parent: 102n }));
  expect([overlap(), facts.overlap(TARGET + 1, PROMPT, SIZE)]).toEqual([3, 0]);
  remove([102n]);
  expect(overlap()).toBe(1);
  remove([101n, 103n, 999n]);
  expect([overlap(), book.counters.unknownRemovals, book.lack]).toEqual([0, 1, undefined]);
});

test('engines that name one content differently share its nodes', () => {
  const other = new BlockBook({ target: 5, blockSize: SIZE, facts });
  book.apply(stored([101n, 102n, 103n], PROMPT));
  other.apply(stored([7n, 8n, 9n], PROMPT));
  expect([facts.forest.nodes, overlap(), facts.overlap(5, PROMPT, SIZE)]).toEqual([3, 3, 3]);
  other.clear();
  expect([facts.forest.nodes, overlap(), facts.overlap(5, PROMPT, SIZE)]).toEqual([3, 3, 0]);
});

test('copies are counted: a block is gone with its last one', () => {
  book.apply(stored([101n], PROMPT.slice(0, 4)));
  book.apply(stored([101n], PROMPT.slice(0, 4)));
  remove([101n]);
  expect(overlap()).toBe(1);
  remove([101n]);
  expect(overlap()).toBe(0);
});

test('two names can stand for one block, which is gone with the last of them', () => {
  book.apply(stored([101n], PROMPT.slice(0, 4)));
  book.apply(stored([201n], PROMPT.slice(0, 4)));
  remove([101n]);
  expect(overlap()).toBe(1);
  remove([201n]);
  expect(overlap()).toBe(0);
});

test('salts and adapters make other blocks, and those behind them inherit it', () => {
  const keys = [['tenant-1'], undefined];
  book.apply(stored([1n, 2n], PROMPT.slice(0, 8), { extraKeys: keys }));
  book.apply(stored([3n], PROMPT.slice(8), { parent: 2n }));
  expect([overlap(), overlap(PROMPT, { cacheNamespace: 'tenant-1' })]).toEqual([0, 3]);
  book.clear();
  const salt = { loraName: 'adapter', cacheNamespace: 'tenant-1' };
  const both = [['adapter', 'dynamo-cache-salt:tenant-1'], ['adapter']];
  book.apply(stored([1n, 2n], PROMPT.slice(0, 8), { loraName: 'adapter', extraKeys: both }));
  expect([overlap(), overlap(PROMPT, salt)]).toEqual([0, 2]);
  book.clear();
  book.apply(stored([1n], PROMPT.slice(0, 4), { cacheSalt: 'tenant-1' }));
  expect(overlap(PROMPT, { cacheNamespace: 'tenant-1' })).toBe(1);
  book.apply(stored([9n], PROMPT.slice(0, 4), { loraId: 3 }));
  expect(overlap()).toBe(0);
});

test('images and keys that nobody understands make a block another one', () => {
  const image = 'a'.repeat(64);
  for (const [name, key] of [
    image,
    [image, 3],
    ['opaque', -1],
    Buffer.from('embedding'),
  ].entries()) {
    book.apply(stored([BigInt(name)], PROMPT.slice(0, 4), { extraKeys: [[key]] }));
    expect(overlap()).toBe(0);
  }
  // The two ways to name the image are one content.
  expect(facts.forest.nodes).toBe(3);
});

test('a drafting engine hashes a window of one token more', () => {
  book.apply(stored([1n, 2n], PROMPT.slice(0, 9), { bigrams: true }));
  expect([facts.forest.nodes, overlap()]).toEqual([2, 0]);
});

test('a lower tier is filled by names alone, from what the device has told or forgotten', () => {
  book.apply(stored([1n, 2n, 3n], PROMPT));
  book.apply(stored([2n, 3n], [], { tier: 'host' }));
  remove([3n, 2n]);
  expect([overlap(), facts.below(TARGET, PROMPT, SIZE).host]).toEqual([1, 2]);
  remove([2n, 3n], 'host');
  book.apply(stored([2n], [], { tier: 'disk' }));
  expect(facts.below(TARGET, PROMPT, SIZE)).toMatchObject({ host: 0, disk: 1 });
  expect(book.lack).toBeUndefined();
  book.apply(stored([77n], [], { tier: 'host' }));
  expect([book.counters.unknownContents, book.lack]).toEqual([1, 'unknown_content']);
});

test('forgotten names are let go one by one, longest idle first', () => {
  for (let name = 0; name < 10; name++) {
    const tokens = Array.from({ length: 4 }, (_, at) => 100 * name + at);
    book.apply(stored([BigInt(name + 1)], tokens));
    remove([BigInt(name + 1)]);
  }
  expect([book.names, facts.forest.nodes]).toEqual([4, 4]);
  book.forget();
  expect([book.names, facts.forest.nodes]).toEqual([0, 0]);
});

test('what cannot be placed is refused and said until the cache is cleared', () => {
  book.apply(stored([1n], PROMPT, { blockSize: 12 }));
  expect([overlap(), book.counters.wrongBlockSizes, book.lack]).toEqual([0, 1, 'wrong_block_size']);
  book.apply({ kind: 'cleared' });
  expect(book.lack).toBeUndefined();
  book.apply(stored([2n], PROMPT.slice(0, 4), { parent: 55n }));
  expect([book.counters.unknownParents, book.lack]).toEqual([1, 'unknown_parent']);
  book.restart();
  book.apply(stored([1n, 2n, 3n], PROMPT.slice(0, 9)));
  expect([overlap(), book.counters.shortStores, book.lack]).toEqual([2, 1, 'short_store']);
});

test('0 is the parent of what has none, unless a block has that name', () => {
  book.apply(stored([0n], PROMPT.slice(0, 4), { parent: 0n }));
  book.apply(stored([5n], PROMPT.slice(4, 8), { parent: 0n }));
  expect(overlap()).toBe(2);
});

test('a name can come to stand for another block', () => {
  book.apply(stored([1n, 2n], PROMPT.slice(0, 8)));
  book.apply(stored([1n], [9, 9, 9, 9]));
  expect([overlap(), overlap([9, 9, 9, 9]), book.counters.renamedBlocks]).toEqual([0, 1, 1]);
});

test('of a hybrid model the group of full attention counts, whichever number it has', () => {
  const sliding = { index: 0, kind: 'sliding_window' };
  const full = { index: 1, kind: 'full_attention' };
  book.apply(stored([1n], PROMPT.slice(0, 4), { group: sliding }));
  expect(overlap()).toBe(0);
  book.apply(stored([1n], PROMPT.slice(0, 4), { group: full }));
  remove([1n], 'device', { index: 0, kind: undefined });
  expect([overlap(), book.counters.otherGroups]).toEqual([1, 2]);
  remove([1n], 'device', { index: 1, kind: undefined });
  expect(overlap()).toBe(0);
});
