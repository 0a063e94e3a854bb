import { expect, test } from 'vitest';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { ExtentEvent } from './event-log.ts';
import { ExtentPool } from './extent-pool.ts';
import { HolderTable } from './holder-table.ts';

/** A pool and requests whose prompts are lists of block names. */
class Bench {
  readonly forest = new PromptForest(1);
  readonly holders = new HolderTable();
  readonly pool: ExtentPool;
  #requests = 0;

  constructor(capacity: number) {
    this.pool = new ExtentPool(capacity, this.forest, this.holders);
  }

  /** A request whose prompt fills these blocks; nothing is held yet. */
  open(...ids: number[]): number {
    const path = { leaf: -1, leafBlocks: 0 };
    this.forest.intern(Uint32Array.from(ids), 0, ids.length, path);
    this.holders.open(this.#requests, path.leaf, path.leafBlocks, ids.length);
    return this.#requests++;
  }

  /** Admits it and computes its whole prompt, which needs one block more than the hit cap gives. */
  compute(request: number): number {
    const blocks = this.holders.pathBlocks[request]!;
    const hits = this.pool.match(request, blocks - 1);
    this.pool.hold(request, hits);
    expect(this.pool.allocate(blocks - hits)).toBe(true);
    this.pool.commit(request, blocks);
    return hits;
  }

  /** Everything that it owns is its prompt. */
  release(request: number): void {
    const blocks = this.holders.pathBlocks[request]!;
    this.pool.release(request, blocks, blocks);
  }

  get counters(): number[] {
    return [this.pool.free, this.pool.inactive, this.pool.active];
  }

  get told(): string[] {
    const { events } = this.pool;
    return Array.from({ length: events.count }, (_, entry) => {
      const kind = events.kind[entry] === ExtentEvent.stored ? 'stored' : 'removed';
      return `${kind} ${events.node[entry]}:${events.blocks[entry]}`;
    });
  }
}

test('a second prompt hits the shared prefix and revives it', () => {
  const bench = new Bench(10);
  const first = bench.open(1, 2, 3);
  expect(bench.compute(first)).toBe(0);
  expect(bench.counters).toEqual([7, 0, 3]);
  bench.release(first);
  expect(bench.counters).toEqual([7, 3, 0]);
  const second = bench.open(1, 2, 4, 5);
  expect(bench.pool.match(second, 3)).toBe(2);
  expect(bench.pool.inactiveAmong(second, 2)).toBe(2);
  expect(bench.compute(second)).toBe(2);
  expect(bench.counters).toEqual([5, 1, 4]);
  expect(bench.told).toEqual(['stored 0:3', 'stored 1:2']);
});

test('the last block of a request goes first, the least recently released request before others', () => {
  const bench = new Bench(5);
  const [old, young] = [bench.open(1, 2, 3), bench.open(7, 8)];
  bench.compute(old);
  bench.compute(young);
  bench.release(old);
  bench.release(young);
  bench.pool.events.clear();
  expect(bench.pool.allocate(2)).toBe(true);
  expect(bench.told).toEqual(['removed 0:1']);
  expect(bench.pool.match(bench.open(1, 2, 3), 3)).toBe(1);
  expect(bench.pool.allocate(2)).toBe(true);
  expect(bench.told).toEqual(['removed 0:0', 'removed 1:1']);
  expect(bench.counters).toEqual([0, 1, 4]);
});

test('what a request still holds is neither evicted nor counted as room', () => {
  const bench = new Bench(4);
  const [long, short] = [bench.open(1, 2, 3, 4), bench.open(1, 2, 5)];
  bench.compute(long);
  bench.pool.hold(short, 2);
  bench.release(long);
  expect(bench.counters).toEqual([0, 2, 2]);
  expect(bench.pool.allocate(3)).toBe(false);
  expect(bench.counters).toEqual([0, 2, 2]);
  expect(bench.pool.allocate(2)).toBe(true);
  expect(bench.pool.match(bench.open(1, 2, 3, 4), 4)).toBe(2);
});

test('a repeated whole prompt computes its last block once more, and both copies take room', () => {
  const bench = new Bench(6);
  const first = bench.open(1, 2);
  const second = bench.open(1, 2);
  bench.compute(first);
  expect(bench.compute(second)).toBe(1);
  expect(bench.counters).toEqual([3, 0, 3]);
  bench.release(first);
  expect(bench.counters).toEqual([3, 1, 2]);
  bench.release(second);
  expect(bench.counters).toEqual([3, 3, 0]);
  expect(bench.told).toEqual(['stored 0:2']);
});

test('the second copy takes the place of the first while a request holds it', () => {
  const bench = new Bench(3);
  const [first, second] = [bench.open(1, 2), bench.open(1, 2)];
  bench.compute(first);
  bench.compute(second);
  bench.release(first);
  bench.pool.events.clear();
  expect(bench.pool.allocate(1)).toBe(true);
  expect(bench.counters).toEqual([0, 0, 3]);
  expect(bench.told).toEqual([]);
  expect(bench.pool.match(bench.open(1, 2, 3), 2)).toBe(2);
  bench.release(second);
  expect(bench.counters).toEqual([0, 2, 1]);
  expect(bench.pool.allocate(2)).toBe(true);
  expect(bench.told).toEqual(['removed 0:0']);
});

test('the second copy takes the place of the first when nobody holds either', () => {
  const bench = new Bench(3);
  const [first, second] = [bench.open(1, 2), bench.open(1, 2)];
  bench.compute(first);
  bench.compute(second);
  bench.release(first);
  bench.release(second);
  bench.pool.events.clear();
  expect(bench.pool.allocate(1)).toBe(true);
  expect(bench.told).toEqual([]);
  expect(bench.pool.match(bench.open(1, 2, 3), 2)).toBe(2);
  expect(bench.pool.allocate(1)).toBe(true);
  expect(bench.told).toEqual(['removed 0:1']);
  expect(bench.pool.allocate(1)).toBe(true);
  expect(bench.told).toEqual(['removed 0:0']);
});

test('a second copy that nobody holds is dropped in silence while the first is in use', () => {
  const bench = new Bench(3);
  const [first, second] = [bench.open(1, 2), bench.open(1, 2)];
  bench.compute(first);
  bench.compute(second);
  bench.release(second);
  bench.pool.events.clear();
  expect(bench.counters).toEqual([0, 1, 2]);
  expect(bench.pool.allocate(1)).toBe(true);
  expect([bench.told, bench.counters]).toEqual([[], [0, 0, 3]]);
});

test('generated blocks stay for their request alone, below its prompt, and nobody is told', () => {
  const bench = new Bench(8);
  const request = bench.open(1, 2);
  bench.compute(request);
  expect(bench.pool.allocate(3)).toBe(true);
  const own = bench.pool.release(request, 5, 4);
  expect(bench.counters).toEqual([4, 4, 0]);
  expect([bench.forest.isPrivate(own), bench.forest.length[own]]).toEqual([true, 2]);
  bench.forest.retain(own);
  bench.holders.open(request, own, 2, 4);
  expect(bench.pool.match(request, 4)).toBe(4);
  expect(bench.pool.match(bench.open(1, 2, 9, 9), 4)).toBe(2);
  expect(bench.told).toEqual(['stored 0:2']);
  expect(bench.pool.allocate(6)).toBe(true);
  expect(bench.pool.match(request, 4)).toBe(2);
});

test('blocks that hold no full block of tokens are free at once', () => {
  const bench = new Bench(4);
  const request = bench.open(1);
  expect(bench.pool.allocate(3)).toBe(true);
  expect(bench.pool.release(request, 3, 0)).toBe(-1);
  expect(bench.counters).toEqual([4, 0, 0]);
});
