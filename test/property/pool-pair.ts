import { expect } from 'vitest';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { EvictionScore } from '#core/kv/extents/order/eviction-score.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { NaivePool } from '../reference/naive-pool.ts';
import { ForestNames } from './forest-names.ts';

const BLOCK_SIZE = 4;

/** A request as an engine sees it, in tokens. */
interface Request {
  readonly row: number;
  readonly input: number;
  readonly names: readonly number[];
  known: number;
  computed: number;
  owned: number;
}

/**
 * The extent pool and the naive one, driven together as an engine drives a pool: one prompt at a
 * time is computed chunk by chunk, the others decode. After each step their counters, hits and
 * events must be equal.
 */
export class PoolPair {
  readonly running: Request[] = [];
  readonly waiting: Request[] = [];
  duplicates = 0;
  readonly #unitBlocks: number;
  readonly #forest: PromptForest;
  readonly #holders = new HolderTable();
  readonly #real: ExtentPool;
  readonly #naive: NaivePool;
  readonly #names: ForestNames;
  #rows = 0;
  #prefilling: Request | undefined;

  /**
   * With `worthOf` both evict by a worth that depends on the number of the release; `score` is then
   * the extent pool's alone.
   */
  constructor(
    capacity: number,
    unitBlocks: number,
    worthOf?: (release: number) => number,
    score: EvictionScore | undefined = worthOf && (({ released }) => worthOf(released)),
  ) {
    this.#unitBlocks = unitBlocks;
    this.#names = new ForestNames(unitBlocks);
    this.#forest = this.#names.forest;
    this.#real = new ExtentPool(capacity, this.#forest, this.#holders, score);
    this.#naive = new NaivePool(capacity, BLOCK_SIZE, worthOf, (name, next) => {
      return this.#names.together(name, next);
    });
  }

  /** A prompt of whole units, less the last `missing` tokens, asks to come in. */
  arrive(ids: readonly number[], missing: number): void {
    const input = ids.length * this.#unitBlocks * BLOCK_SIZE - missing;
    const row = this.#rows++;
    const blocks = Math.floor(input / BLOCK_SIZE);
    const { path, names } = this.#names.plant(ids, blocks);
    this.#holders.open(row, path.leaf, path.leafBlocks, blocks);
    const request = { row, input, names, known: input, computed: 0, owned: 0 };
    if (!this.#admit(request)) this.#forest.release(path.leaf);
  }

  /** The preempted request that waits first asks to come in again. */
  comeBack(): void {
    const request = this.waiting[0];
    if (request !== undefined && this.#admit(request)) this.waiting.shift();
  }

  /** The prompt that is computed in part gets its next tokens. */
  chunk(tokens: number): void {
    const request = this.#prefilling;
    if (request === undefined) return;
    const computed = Math.min(request.known, request.computed + tokens);
    if (!this.#take(request, computed)) return;
    this.#compute(request, computed);
    if (computed === request.known) this.#prefilling = undefined;
  }

  /** A request that decodes gets a token. */
  decode(choice: number): void {
    const request = this.#pick(choice);
    if (request === undefined || request === this.#prefilling) return;
    if (!this.#take(request, request.known)) return;
    this.#compute(request, request.known);
    request.known++;
  }

  /** A request ends, and its prompt is forgotten. */
  finish(choice: number): void {
    const request = this.#pick(choice);
    if (request === undefined) return;
    this.#leave(request);
    this.#forest.release(this.#holders.leaf[request.row]!);
  }

  /** A request loses its blocks and waits to come in again. */
  preempt(choice: number): void {
    const request = this.#pick(choice);
    if (request === undefined) return;
    const own = this.#leave(request);
    this.waiting.unshift(request);
    if (own < 0) return;
    const { row } = request;
    this.#forest.retain(own);
    this.#forest.release(this.#holders.leaf[row]!);
    const blocks = this.#forest.length[own]!;
    this.#holders.open(row, own, blocks, this.#holders.pathBlocks[row]! + blocks);
  }

  /** Everybody leaves and everything is evicted: nothing may be left of any prompt. */
  empty(): void {
    while (this.running.length > 0) this.finish(0);
    for (const { row } of this.waiting) this.#forest.release(this.#holders.leaf[row]!);
    expect(this.#real.active).toBe(0);
    expect(this.#real.allocate(this.#real.capacity)).toBe(true);
    expect(this.#naive.allocate(this.#rows, this.#naive.capacity)).toBe(true);
    this.expectEqual();
    expect([this.#naive.residentHashes(), this.#forest.nodes]).toEqual([[], 0]);
  }

  expectEqual(): void {
    const real = this.#real;
    const naive = this.#naive;
    const counters = [real.free, real.inactive, real.active];
    expect(counters).toEqual([naive.free, naive.inactive, naive.active]);
    expect(real.free + real.inactive + real.active).toBe(real.capacity);
    // Names below 0 belong to generated tokens, of which nobody is told.
    const log = naive.log.splice(0).filter((entry) => !entry.includes('-'));
    expect(this.#names.drain(real)).toEqual(log);
  }

  #admit(request: Request): boolean {
    if (this.#prefilling !== undefined) return false;
    const { row, known } = request;
    const cap = Math.floor((known - 1) / BLOCK_SIZE);
    const asked = Array.from({ length: cap }, (_, block) => blockName(request, block));
    const hits = this.#naive.matchPrefix(asked);
    const found = asked.slice(0, hits);
    expect(this.#real.match(row, cap)).toBe(hits);
    expect(this.#real.inactiveAmong(row, hits)).toBe(this.#naive.idleAmong(found));
    const blocks = Math.ceil(known / BLOCK_SIZE) - hits;
    if (blocks + this.#naive.idleAmong(found) > this.#real.available) return false;
    this.#real.hold(row, hits);
    this.#naive.acquire(row, found);
    request.computed = hits * BLOCK_SIZE;
    request.owned = hits;
    this.running.push(request);
    this.#prefilling = request;
    return true;
  }

  /** Allocates what the first `computed` tokens need beyond what the request owns. */
  #take(request: Request, computed: number): boolean {
    const blocks = Math.ceil(computed / BLOCK_SIZE) - request.owned;
    const taken = this.#real.allocate(blocks);
    expect(this.#naive.allocate(request.row, blocks)).toBe(taken);
    if (taken) request.owned += blocks;
    return taken;
  }

  #compute(request: Request, computed: number): void {
    request.computed = computed;
    const full = Math.floor(computed / BLOCK_SIZE);
    const { row } = request;
    this.#real.commit(row, Math.min(full, this.#holders.pathBlocks[row]!));
    if (this.#holders.duplicate[row]! >= 0) this.duplicates++;
    for (let block = 0; block < full; block++) {
      if (!this.#naive.isPrivate(row, block)) continue;
      this.#naive.commit(row, block, blockName(request, block));
    }
  }

  #leave(request: Request): number {
    const { row, owned, computed } = request;
    this.running.splice(this.running.indexOf(request), 1);
    if (this.#prefilling === request) this.#prefilling = undefined;
    this.#naive.release(row);
    request.computed = 0;
    request.owned = 0;
    return this.#real.release(row, owned, Math.floor(computed / BLOCK_SIZE));
  }

  #pick(choice: number): Request | undefined {
    return this.running[choice % Math.max(1, this.running.length)];
  }
}

/** Own blocks have names below 0, apart for each request. */
function blockName(request: Request, block: number): number {
  return request.names[block] ?? -1 - request.row * 1000 - block;
}
