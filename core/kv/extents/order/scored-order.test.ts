import { expect, test } from 'vitest';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { ExtentPool } from '../extent-pool.ts';
import { HolderTable } from '../holder-table.ts';
import { evictionScore } from './built-in-scores.ts';
import type { EvictionRun, EvictionScore } from './eviction-score.ts';

/** A pool in which prompts, lists of block ids, are computed and let go at once. */
class Desk {
  readonly #forest = new PromptForest(1);
  readonly #holders = new HolderTable();
  readonly #pool: ExtentPool;
  #row = 0;

  constructor(capacity: number, score: EvictionScore) {
    this.#pool = new ExtentPool(capacity, this.#forest, this.#holders, score);
  }

  /** Serves a prompt whose last block is computed anew; returns how many blocks were hit. */
  serve(...ids: readonly number[]): number {
    const row = this.#open(ids);
    const hits = this.#pool.match(row, ids.length);
    this.#pool.hold(row, hits);
    expect(this.#pool.allocate(ids.length - hits)).toBe(true);
    this.#pool.commit(row, ids.length);
    this.#pool.release(row, ids.length, ids.length);
    return hits;
  }

  /** Blocks of the prompt that are cached. */
  cached(...ids: readonly number[]): number {
    return this.#pool.match(this.#open(ids), ids.length);
  }

  #open(ids: readonly number[]): number {
    const row = this.#row++;
    const path = { leaf: -1, leafBlocks: 0 };
    this.#forest.intern(Uint32Array.from(ids), 0, ids.length, path);
    this.#holders.open(row, path.leaf, path.leafBlocks, ids.length);
    return row;
  }
}

test('a score is told what the run is', () => {
  const seen: EvictionRun[] = [];
  const desk = new Desk(8, (run) => seen.push(run));
  desk.serve(1, 2, 3);
  desk.serve(1, 2, 3);
  desk.serve(1, 2, 4, 5);
  expect(seen).toMatchObject([
    { blocks: 3, depth: 3, hits: 0, stored: 0, released: 1, generated: false },
    { blocks: 3, depth: 3, hits: 1, stored: 0, released: 2 },
    // The last block first: the extent of its own, then what it shares.
    { blocks: 2, depth: 4, hits: 0, stored: 1, released: 3 },
    { blocks: 2, depth: 2, hits: 2, stored: 0, released: 3 },
  ]);
  expect(Object.isFrozen(seen[0])).toBe(true);
});

test('the least worth goes first, however old', () => {
  const desk = new Desk(4, ({ released }) => -released);
  desk.serve(1, 2);
  desk.serve(3, 4);
  desk.serve(5);
  expect([desk.cached(1, 2), desk.cached(3, 4), desk.cached(5)]).toEqual([2, 1, 1]);
});

test('what others follow stays until they are gone', () => {
  // The shared beginning is worth least, and yet the last to go.
  const desk = new Desk(4, ({ depth }) => depth);
  desk.serve(1, 2);
  desk.serve(1, 2, 3, 4);
  desk.serve(9);
  expect(desk.cached(1, 2, 3, 4)).toBe(3);
  desk.serve(8);
  desk.serve(7);
  expect(desk.cached(1, 2)).toBeGreaterThan(0);
});

test('first in goes first with fifo, seldom hit with multi_lru', () => {
  const fifo = new Desk(4, evictionScore('fifo', undefined)!);
  const multi = new Desk(4, evictionScore('multi_lru', undefined)!);
  for (const desk of [fifo, multi]) {
    desk.serve(1, 2);
    desk.serve(3, 4);
    for (let hit = 0; hit < 3; hit++) desk.serve(1, 2);
    // Let go later, but hit never.
    desk.serve(3, 4);
    desk.serve(5);
  }
  expect([fifo.cached(1, 2), fifo.cached(3, 4)]).toEqual([1, 2]);
  expect([multi.cached(1, 2), multi.cached(3, 4)]).toEqual([2, 1]);
  expect(evictionScore('lru', undefined)).toBeUndefined();
});
