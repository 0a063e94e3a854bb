import { expect, test } from 'vitest';
import { blockOf } from './block-handle.ts';
import { BlockManager, type BlockManagerOptions } from './block-manager.ts';
import { LruEviction } from './eviction/lru/lru.ts';

function manager(blocks: number, options: Partial<BlockManagerOptions> = {}): BlockManager {
  return new BlockManager({ blocks, blockSize: 4, eviction: new LruEviction(blocks), ...options });
}

function allocate(kv: BlockManager, count: number): number[] {
  const handles: number[] = [];
  expect(kv.allocate(count, handles)).toBe(true);
  return handles;
}

/** A new block, visible under `hash`. */
function cache(kv: BlockManager, hash: number, parent = -1): number {
  const [handle] = allocate(kv, 1);
  kv.fill(handle!, 4);
  kv.stage(handle!, hash, parent);
  return kv.register(handle!);
}

const withCode = (code: string) => expect.objectContaining({ code });

test('free blocks first, in order; then the least recently released', () => {
  const kv = manager(3);
  const first = cache(kv, 10);
  const second = cache(kv, 11, 10);
  kv.release(second);
  kv.release(first);
  expect(allocate(kv, 2).map(blockOf)).toEqual([2, 1]);
  expect([kv.presence(10), kv.presence(11)]).toEqual([1, 0]);
  expect(kv.events.drain()).toEqual([
    { kind: 'stored', parent: -1, hashes: [10, 11] },
    { kind: 'removed', hashes: [11] },
  ]);
});

test('all or nothing', () => {
  const kv = manager(2);
  kv.release(cache(kv, 10));
  const handles: number[] = [];
  expect(kv.allocate(3, handles)).toBe(false);
  expect(handles).toEqual([]);
  expect([kv.count('inactive'), kv.presence(10), kv.freeOrder()]).toEqual([1, 1, [1]]);
  expect(kv.allocate(0, handles)).toBe(true);
});

test('a block that is not full cannot be staged and stays with its holder', () => {
  const kv = manager(1);
  const [handle] = allocate(kv, 1);
  expect(kv.fill(handle!, 3)).toBe(3);
  expect(() => kv.stage(handle!, 10, -1)).toThrow(withCode('block_size_mismatch'));
  expect(kv.fill(handle!, 3)).toBe(1);
  kv.stage(handle!, 10, -1);
  expect(kv.count('staged')).toBe(1);
});

test('what is not visible is free again when it is let go', () => {
  const kv = manager(2);
  const [mutable, staged] = allocate(kv, 2);
  kv.fill(staged!, 4);
  kv.stage(staged!, 10, -1);
  kv.release(staged!);
  kv.release(mutable!);
  expect(kv.freeOrder()).toEqual([1, 0]);
  expect(kv.events.size).toBe(0);
});

test('old handles are recognised, also after the block found a new holder', () => {
  const kv = manager(1);
  const [old] = allocate(kv, 1);
  kv.release(old!);
  expect(() => kv.release(old!)).toThrow(withCode('block_double_release'));
  const [fresh] = allocate(kv, 1);
  expect(blockOf(fresh!)).toBe(blockOf(old!));
  expect(() => kv.fill(old!, 1)).toThrow(withCode('block_use_after_release'));
  expect(() => kv.acquire(fresh!)).toThrow(withCode('block_state'));
});

test('duplicates keep the primary alive and do not change its presence when they go', () => {
  const kv = manager(3);
  const primary = cache(kv, 10);
  const duplicate = cache(kv, 10);
  kv.release(primary);
  expect([kv.count('primary'), kv.count('duplicate'), kv.presence(10)]).toEqual([1, 1, 2]);
  kv.release(duplicate);
  expect([kv.count('inactive'), kv.presence(10), kv.freeOrder()]).toEqual([1, 1, [2, 1]]);
  expect(kv.events.drain()).toEqual([{ kind: 'stored', parent: -1, hashes: [10] }]);
});

test('where duplicates are rejected, the second holder gets the first copy', () => {
  const kv = manager(3, { duplicates: 'reject' });
  const first = cache(kv, 10);
  kv.release(first);
  const second = cache(kv, 10);
  expect(blockOf(second)).toBe(blockOf(first));
  expect([kv.count('primary'), kv.freeOrder()]).toEqual([1, [2, 1]]);
});

test('a match takes the longest visible prefix; a scan goes on behind a miss', () => {
  const kv = manager(3);
  for (const hash of [10, 11, 13]) kv.release(cache(kv, hash, hash - 1));
  const matched: number[] = [];
  expect(kv.matchPrefix([10, 11, 12, 13], matched)).toBe(2);
  expect([kv.count('primary'), kv.count('inactive')]).toEqual([2, 1]);
  const scanned: number[] = [];
  kv.scan([12, 13, 10], false, scanned);
  expect(scanned.map((handle) => (handle < 0 ? handle : blockOf(handle)))).toEqual([-1, 2, 0]);
});

test('reset on release empties at once, until the block is allocated again', () => {
  const kv = manager(1);
  const handle = cache(kv, 10);
  kv.setResetOnRelease(handle, true);
  kv.release(handle);
  expect([kv.count('reset'), kv.presence(10)]).toEqual([1, 0]);
  expect(kv.events.drain().at(-1)).toEqual({ kind: 'removed', hashes: [10] });
  kv.release(cache(kv, 11));
  expect(kv.count('inactive')).toBe(1);
});

test('a pinned block is not evicted; its pin ends once', () => {
  const kv = manager(1);
  const handle = cache(kv, 10);
  const pin = kv.pin(handle);
  kv.release(handle);
  expect([kv.count('primary'), kv.allocate(1, [])]).toEqual([1, false]);
  expect(() => kv.acquire(handle)).toThrow(withCode('block_use_after_release'));
  kv.unpin(pin);
  expect(kv.count('inactive')).toBe(1);
  expect(() => kv.unpin(pin)).toThrow(withCode('block_double_release'));
});

test('the cache is cleared only when nobody holds a block', () => {
  const kv = manager(2);
  const handle = cache(kv, 10);
  expect(kv.clear()).toBe(false);
  kv.release(handle);
  kv.events.clear();
  expect(kv.clear()).toBe(true);
  expect([kv.presence(10), kv.count('reset')]).toEqual([0, 2]);
  expect(kv.events.drain()).toEqual([{ kind: 'cleared' }]);
});
