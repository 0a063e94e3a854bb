import { expect } from 'vitest';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { NaiveRadixPool } from '../reference/naive-radix-pool.ts';
import { ForestNames } from './forest-names.ts';

interface Request {
  readonly row: number;
  /** Of its prompt, then of what it generated; those can be named after a retraction alone. */
  readonly names: number[];
  owned: number;
  /** Leading blocks that are inserted, or would be if others could name them. */
  filled: number;
  touched: number;
}

/**
 * The extent pool that evicts by last touch and a radix tree of single blocks, driven together: after
 * each step counters and events must be equal.
 */
export class RadixPair {
  readonly running: Request[] = [];
  readonly waiting: Request[] = [];
  readonly #names: ForestNames;
  readonly #holders = new HolderTable();
  readonly #real: ExtentPool;
  readonly #naive: NaiveRadixPool;
  #rows = 0;
  #now = 0;

  constructor(capacity: number, unitBlocks: number) {
    this.#names = new ForestNames(unitBlocks);
    this.#real = new ExtentPool(capacity, this.#names.forest, this.#holders, 'last-touch');
    this.#naive = new NaiveRadixPool(capacity);
  }

  /** A prompt of whole units, less some blocks, asks to come in; what it hits is looked up anyway. */
  arrive(ids: readonly number[], missing: number): void {
    const row = this.#rows++;
    const blocks = ids.length * this.#names.forest.unitBlocks - missing;
    const { path, names } = this.#names.plant(ids, blocks);
    this.#holders.open(row, path.leaf, path.leafBlocks, blocks);
    const request = { row, names, owned: 0, filled: 0, touched: 0 };
    if (!this.#admit(request)) this.#forget(request);
  }

  comeBack(): void {
    const request = this.waiting[0];
    if (request !== undefined && this.#admit(request)) this.waiting.shift();
  }

  /** The next blocks of a path are computed. */
  insert(choice: number, blocks: number): void {
    const request = this.#pick(choice);
    if (request === undefined) return;
    const to = Math.min(request.filled + blocks, this.#pathBlocks(request));
    if (to <= request.filled) return;
    this.#real.adopt(request.row, to);
    this.#naive.insert(request.row, request.names.slice(0, to));
    request.filled = to;
    this.#touch(request);
  }

  /** A block is filled with generated tokens. */
  generate(choice: number): void {
    const request = this.#pick(choice);
    if (request === undefined || request.filled < this.#pathBlocks(request)) return;
    const taken = this.#real.allocate(1);
    expect(this.#naive.allocate(request.row, 1)).toBe(taken);
    if (!taken) return;
    request.owned++;
    request.names[request.filled] = -1 - request.row * 1000 - request.filled;
    request.filled++;
    this.#touch(request);
  }

  /** A request ends, with a block more that is not full. */
  finish(choice: number): void {
    const request = this.#pick(choice);
    if (request === undefined) return;
    this.#leave(request);
    this.#forget(request);
  }

  retract(choice: number): void {
    const request = this.#pick(choice);
    if (request === undefined) return;
    const own = this.#leave(request);
    this.waiting.push(request);
    if (own < 0) return;
    const { forest } = this.#names;
    forest.retain(own);
    this.#forget(request);
    const blocks = forest.length[own]!;
    this.#holders.open(request.row, own, blocks, this.#pathBlocks(request) + blocks);
  }

  expectEqual(): void {
    const real = this.#real;
    const naive = this.#naive;
    expect([real.free, real.inactive, real.active]).toEqual([
      naive.free,
      naive.inactive,
      naive.active,
    ]);
    // Names below 0 belong to generated tokens, of which nobody is told.
    const log = naive.log.splice(0).filter((entry) => !entry.includes('-'));
    expect(this.#names.drain(real)).toEqual(log);
  }

  /** Everybody leaves and everything is evicted: nothing may be left of any prompt. */
  empty(): void {
    while (this.running.length > 0) this.finish(0);
    for (const request of this.waiting) this.#forget(request);
    expect(this.#real.allocate(this.#real.capacity)).toBe(true);
    this.#naive.acquire(this.#rows, []);
    expect(this.#naive.allocate(this.#rows, this.#naive.capacity)).toBe(true);
    this.expectEqual();
    expect(this.#names.forest.nodes).toBe(0);
  }

  #admit(request: Request): boolean {
    const { row, names } = request;
    // Its last block is computed even if it is cached.
    const asked = names.slice(0, Math.max(0, this.#pathBlocks(request) - 1));
    const hits = this.#naive.matchPrefix(asked);
    expect(this.#real.match(row, asked.length)).toBe(hits);
    const idle = this.#naive.idleAmong(asked.slice(0, hits));
    expect(this.#real.inactiveAmong(row, hits)).toBe(idle);
    this.#real.hold(row, hits, ++this.#now);
    this.#naive.acquire(row, asked.slice(0, hits));
    const missing = this.#pathBlocks(request) - hits;
    const taken = this.#real.allocate(missing);
    expect(this.#naive.allocate(row, missing)).toBe(taken);
    if (!taken) {
      this.#real.release(row, hits, hits);
      this.#naive.release(row);
      return false;
    }
    Object.assign(request, { owned: hits + missing, filled: hits, touched: 0 });
    this.running.push(request);
    return true;
  }

  #touch(request: Request): void {
    request.touched = ++this.#now;
    this.#naive.touch(request.row);
  }

  #leave(request: Request): number {
    const { row, owned, filled, touched, names } = request;
    this.running.splice(this.running.indexOf(request), 1);
    this.#naive.release(row, names.slice(this.#naive.heldBlocks(row), filled));
    return this.#real.release(row, owned, filled, touched);
  }

  #forget({ row }: Request): void {
    const leaf = this.#holders.leaf[row]!;
    if (leaf >= 0) this.#names.forest.release(leaf);
  }

  #pathBlocks({ row }: Request): number {
    return this.#holders.pathBlocks[row]!;
  }

  #pick(choice: number): Request | undefined {
    return this.running[choice % Math.max(1, this.running.length)];
  }
}
