import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockManager } from '#core/kv/block-manager.ts';
import { LruEviction } from '#core/kv/eviction/lru/lru.ts';
import { ExtentEvent } from '#core/kv/extents/event-log.ts';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { BlockSequence } from '#core/kv/sequence.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { check } from './check.ts';

const BLOCK_SIZE = 4;
const DEPTH = 4;
/** A row that asks and never holds. */
const PROBE = 0;

interface Request {
  readonly row: number;
  readonly leaf: number;
  readonly hashes: readonly number[];
  readonly sequence: BlockSequence;
}

/** All prompts of full depth; every other prompt is the beginning of one of them. */
const LONGEST = Array.from({ length: 2 ** DEPTH }, (_, bits) =>
  Array.from({ length: DEPTH }, (__, at) => (bits >> at) & 1),
);

/** The sequence hashes of a prompt: its letters as binary digits behind a leading 1. */
function hashesOf(ids: readonly number[]): number[] {
  let hash = 1;
  return ids.map((id) => {
    hash = 2 * hash + id;
    return hash;
  });
}

/** The block manager and the extent pool, driven by the same engine. */
class ManagerPair {
  hits = 0;
  evictions = 0;
  readonly #forest = new PromptForest(1);
  readonly #holders = new HolderTable();
  readonly #pool: ExtentPool;
  readonly #manager: BlockManager;
  readonly #running: Request[] = [];
  #prefilling: Request | undefined;
  #rows = PROBE + 1;

  constructor(blocks: number) {
    this.#pool = new ExtentPool(blocks, this.#forest, this.#holders);
    const eviction = new LruEviction(blocks);
    this.#manager = new BlockManager({ blocks, blockSize: BLOCK_SIZE, eviction });
  }

  /** A prompt of whole blocks and one token more comes in with what is cached of it. */
  admit(ids: readonly number[]): void {
    if (this.#prefilling !== undefined) return;
    const row = this.#rows++;
    const hashes = hashesOf(ids);
    const leaf = this.#open(row, ids);
    const sequence = new BlockSequence(this.#manager);
    const hits = sequence.attachPrefix(hashes);
    expect(this.#pool.match(row, ids.length)).toBe(hits);
    this.#pool.hold(row, hits);
    this.hits += hits;
    this.#prefilling = { row, leaf, hashes, sequence };
    this.#running.push(this.#prefilling);
  }

  /** The next tokens of the prompt are computed, if there is room. */
  compute(tokens: number): void {
    const request = this.#prefilling;
    if (request === undefined) return;
    const { row, hashes, sequence } = request;
    const left = hashes.length * BLOCK_SIZE + 1 - sequence.tokens;
    const taken = Math.min(tokens, left);
    const blocks = sequence.blocksToGrow(taken);
    const fits = sequence.grow(taken);
    expect(this.#pool.allocate(blocks)).toBe(fits);
    if (!fits) return;
    const full = Math.floor(sequence.tokens / BLOCK_SIZE);
    sequence.commit(hashes, full);
    this.#pool.commit(row, full);
    if (taken === left) this.#prefilling = undefined;
  }

  release(choice: number): void {
    const [request] = this.#running.splice(choice % Math.max(1, this.#running.length), 1);
    if (request === undefined) return;
    if (request === this.#prefilling) this.#prefilling = undefined;
    const { row, leaf, sequence } = request;
    this.#pool.release(row, sequence.handles.length, sequence.committedBlocks);
    this.#forest.release(leaf);
    sequence.release();
  }

  expectEqual(): void {
    const manager = this.#manager;
    const pool = this.#pool;
    const counters = [manager.count('reset'), manager.count('inactive'), manager.available];
    expect(counters).toEqual([pool.free, pool.inactive, pool.available]);
    this.#drainEvents();
    for (const ids of LONGEST) {
      const leaf = this.#open(PROBE, ids);
      expect(pool.match(PROBE, DEPTH)).toBe(manager.visiblePrefix(hashesOf(ids)));
      this.#forest.release(leaf);
    }
  }

  #open(row: number, ids: readonly number[]): number {
    const path = { leaf: -1, leafBlocks: 0 };
    this.#forest.intern(Uint32Array.from(ids), 0, ids.length, path);
    this.#holders.open(row, path.leaf, path.leafBlocks, ids.length);
    return path.leaf;
  }

  #drainEvents(): void {
    const { events } = this.#pool;
    for (let entry = 0; entry < events.count; entry++) {
      if (events.kind[entry] === ExtentEvent.stored) continue;
      this.evictions++;
      if (events.blocks[entry] === 0) this.#forest.release(events.node[entry]!);
    }
    events.clear();
  }
}

const steps = fc.oneof(
  fc.record({
    kind: fc.constant('admit' as const),
    ids: fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: DEPTH }),
  }),
  fc.record({ kind: fc.constant('compute' as const), tokens: fc.constantFrom(1, 3, 8, 64) }),
  fc.record({ kind: fc.constant('release' as const), choice: fc.nat({ max: 7 }) }),
);
const walk = fc.record({
  blocks: fc.integer({ min: 2, max: 16 }),
  taken: fc.array(steps, { minLength: 10, maxLength: 60, size: 'max' }),
});

test('both managers of blocks give the same hits, counters and cached blocks', () => {
  let hits = 0;
  let evictions = 0;
  check(walk, 300, ({ blocks, taken }) => {
    const pair = new ManagerPair(blocks);
    for (const step of taken) {
      if (step.kind === 'admit') pair.admit(step.ids);
      else if (step.kind === 'compute') pair.compute(step.tokens);
      else pair.release(step.choice);
      pair.expectEqual();
    }
    hits += pair.hits;
    evictions += pair.evictions;
  });
  // The walk reaches what it is about, unless one counterexample is being replayed.
  if (process.env.WINDTUNNEL_PATH !== undefined) return;
  expect(hits).toBeGreaterThan(100);
  expect(evictions).toBeGreaterThan(100);
});
