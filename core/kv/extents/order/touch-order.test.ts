import { expect, test } from 'vitest';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { ExtentPool } from '../extent-pool.ts';
import { HolderTable } from '../holder-table.ts';

/** A pool by last touch, and requests whose prompts are lists of block names; time is the call. */
class Desk {
  readonly #forest = new PromptForest(1);
  readonly #holders = new HolderTable();
  readonly #pool: ExtentPool;
  readonly #touched: number[] = [];
  #now = 0;

  constructor(capacity: number) {
    this.#pool = new ExtentPool(capacity, this.#forest, this.#holders, 'last-touch');
  }

  /** A request looks its prompt up, but for the last block, and takes room for the rest. */
  admit(...ids: readonly number[]): number {
    const row = this.#touched.length;
    const path = { leaf: -1, leafBlocks: 0 };
    this.#forest.intern(Uint32Array.from(ids), 0, ids.length, path);
    this.#holders.open(row, path.leaf, path.leafBlocks, ids.length);
    const hits = this.#pool.match(row, ids.length - 1);
    this.#touched.push(0);
    this.#pool.hold(row, hits, ++this.#now);
    expect(this.#pool.allocate(ids.length - hits)).toBe(true);
    return row;
  }

  /** Its prompt is computed. */
  insert(row: number): void {
    this.#pool.adopt(row, this.#holders.pathBlocks[row]!);
    this.touch(row);
  }

  /** It has filled a block with generated tokens, of which only the moment counts here. */
  touch(row: number): void {
    this.#touched[row] = ++this.#now;
  }

  leave(row: number): void {
    const blocks = this.#holders.pathBlocks[row]!;
    this.#pool.release(row, blocks, this.#holders.held[row]!, this.#touched[row]!);
  }

  serve(...ids: readonly number[]): void {
    const row = this.admit(...ids);
    this.insert(row);
    this.leave(row);
  }

  cached(...ids: readonly number[]): number {
    const row = this.#touched.push(0) - 1;
    const path = { leaf: -1, leafBlocks: 0 };
    this.#forest.intern(Uint32Array.from(ids), 0, ids.length, path);
    this.#holders.open(row, path.leaf, path.leafBlocks, ids.length);
    return this.#pool.match(row, ids.length);
  }
}

test('what was touched longest ago goes first, whoever lets go first', () => {
  const desk = new Desk(5);
  const first = desk.admit(1, 2);
  const second = desk.admit(3, 4);
  desk.insert(first);
  desk.insert(second);
  desk.touch(first);
  desk.leave(first);
  desk.leave(second);
  desk.serve(9, 8);
  expect([desk.cached(1, 2), desk.cached(3, 4)]).toEqual([2, 1]);
});

test('a block that others touched later stays as young when the last of them has gone', () => {
  const desk = new Desk(7);
  desk.serve(1, 2, 3);
  const longer = desk.admit(1, 2, 3, 4);
  desk.insert(longer);
  const shorter = desk.admit(1, 2, 5);
  desk.serve(7, 8);
  desk.insert(shorter);
  desk.leave(shorter);
  desk.leave(longer);
  // 3 and 4 are older than 7 and 8, 1 and 2 younger: five blocks go in that order.
  desk.serve(10, 11);
  expect([desk.cached(1, 2, 3, 4), desk.cached(7, 8)]).toEqual([2, 2]);
  desk.serve(12, 13);
  expect([desk.cached(1, 2, 3, 4), desk.cached(7, 8)]).toEqual([2, 0]);
});

test('a lookup that ends inside of a node does not touch it, the next to the same end does', () => {
  const desk = new Desk(9);
  desk.serve(1, 2, 3, 4, 5, 6);
  desk.serve(7, 8);
  // It finds 1 and 2, is never computed and lets go.
  desk.leave(desk.admit(1, 2, 9));
  desk.serve(20, 21, 22, 23, 24, 25);
  expect([desk.cached(1, 2), desk.cached(7, 8)]).toEqual([1, 2]);

  const again = new Desk(9);
  again.serve(1, 2, 3, 4, 5, 6);
  again.serve(7, 8);
  for (const id of [9, 10]) again.leave(again.admit(1, 2, id));
  again.serve(20, 21, 22, 23, 24, 25);
  expect([again.cached(1, 2), again.cached(7, 8)]).toEqual([2, 1]);
});
