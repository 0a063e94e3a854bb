import { assert } from '#core/base/assert.ts';
import { type ErrorCode, WindtunnelError } from '#core/base/errors.ts';
import { type BlockHandle, blockOf, generationOf, NO_BLOCK } from './block-handle.ts';
import { BlockState, type BlockStateName, blockStateName } from './block-state.ts';
import { BlockTable } from './block-table.ts';
import { KvEventLog } from './events.ts';
import type { EvictionPolicy } from './eviction/policy.ts';
import { FreeQueue } from './free-queue.ts';
import { type PinHandle, PinTable } from './pins.ts';
import { BlockRegistry } from './registry.ts';

export interface BlockManagerOptions {
  /** Blocks of the tier. */
  readonly blocks: number;
  /** Tokens a block. */
  readonly blockSize: number;
  /** Order in which cached blocks go; it belongs to this manager alone. */
  readonly eviction: EvictionPolicy;
  /** A second copy of a visible hash: keep it as a duplicate (default), or use the first copy. */
  readonly duplicates?: 'allow' | 'reject';
  /** Whether blocks start out as emptied by their last release; default false: kept cached. */
  readonly resetOnRelease?: boolean;
}

/**
 * The KV blocks of one tier: who holds which, what is cached, and what goes when room is needed.
 * A state machine without clock or I/O. Follows Dynamo's kvbm-logical (August 2026): see README.md.
 *
 *     reset ─allocate→ mutable ─stage→ staged ─register→ primary ⇄ inactive ─evicted→ mutable
 *                                                     └→ duplicate ─last release→ reset
 *
 * Hashes are interned sequence hashes (`core/tokens/hash-interner.ts`).
 */
export class BlockManager {
  readonly blockSize: number;
  readonly events = new KvEventLog();
  readonly #table: BlockTable;
  readonly #free: FreeQueue;
  readonly #registry = new BlockRegistry();
  readonly #pins = new PinTable();
  readonly #eviction: EvictionPolicy;
  readonly #rejectDuplicates: boolean;
  readonly #resetOnRelease: number;
  #ticks = 0;

  constructor(options: BlockManagerOptions) {
    assert(
      Number.isInteger(options.blockSize) && options.blockSize > 0,
      `bad block size ${options.blockSize}`,
    );
    assert(options.eviction.size === 0, 'an eviction policy serves one manager');
    this.blockSize = options.blockSize;
    this.#table = new BlockTable(options.blocks);
    this.#free = new FreeQueue(options.blocks);
    this.#eviction = options.eviction;
    this.#rejectDuplicates = options.duplicates === 'reject';
    this.#resetOnRelease = options.resetOnRelease ? 1 : 0;
  }

  /** Blocks of the tier. */
  get blocks(): number {
    return this.#table.size;
  }

  /** Blocks that an allocation can have: free and cached without a holder. */
  get available(): number {
    return this.#free.size + this.#eviction.size;
  }

  /** Blocks in a state. */
  count(state: BlockStateName): number {
    return this.#table.count(BlockState[state]);
  }

  /** How many blocks carry the hash. */
  presence(hash: number): number {
    return this.#registry.presence(hash);
  }

  /** Empty blocks in the order in which they will be taken; for tests and dumps. */
  freeOrder(): number[] {
    return this.#free.toArray();
  }

  /**
   * Appends `count` mutable blocks to `into`, free ones first, then evicting. False, and nothing
   * changed, when there is no room for all.
   */
  allocate(count: number, into: BlockHandle[]): boolean {
    assert(Number.isInteger(count) && count >= 0, `cannot allocate ${count} blocks`);
    if (count > this.available) return false;
    const table = this.#table;
    for (let taken = 0; taken < count; taken++) {
      const block = this.#free.size > 0 ? this.#free.shift() : this.#evict();
      table.enter(block, BlockState.mutable);
      table.refs[block] = 1;
      table.holds[block] = 1;
      table.resetOnRelease[block] = this.#resetOnRelease;
      into.push(table.handle(block));
    }
    return true;
  }

  /** Writes up to `tokens` tokens into a mutable block; returns how many it took. */
  fill(handle: BlockHandle, tokens: number): number {
    const block = this.#inState(handle, BlockState.mutable);
    const taken = Math.min(tokens, this.blockSize - this.#table.tokens[block]!);
    this.#table.tokens[block]! += taken;
    return taken;
  }

  /** Tokens in the block. */
  tokensIn(handle: BlockHandle): number {
    return this.#table.tokens[this.#live(handle, 'block_use_after_release')]!;
  }

  /**
   * Names a full block by the sequence hash that it completes, behind `parent` (−1 = none). A block
   * that is not full stays mutable and its holder's: `block_size_mismatch`.
   */
  stage(handle: BlockHandle, hash: number, parent: number): void {
    const block = this.#inState(handle, BlockState.mutable);
    const actual = this.#table.tokens[block]!;
    if (actual !== this.blockSize) {
      throw new WindtunnelError('block_size_mismatch', 'only a full block can be staged', {
        block: handle,
        expected: this.blockSize,
        actual,
      });
    }
    this.#table.hash[block] = hash;
    this.#table.parent[block] = parent;
    this.#table.enter(block, BlockState.staged);
  }

  /** Takes a staged block back to mutable, empty. */
  unstage(handle: BlockHandle): void {
    const block = this.#inState(handle, BlockState.staged);
    this.#table.wipe(block);
    this.#table.enter(block, BlockState.mutable);
  }

  /**
   * Makes a staged block visible under its hash. Returns the handle to use from now on: the same,
   * or that of the first copy where duplicates are rejected (the staged block is then free again).
   */
  register(handle: BlockHandle): BlockHandle {
    const block = this.#inState(handle, BlockState.staged);
    const table = this.#table;
    const hash = table.hash[block]!;
    const primary = this.#registry.primaryOf(hash);
    if (primary >= 0 && this.#rejectDuplicates) {
      this.#reset(block);
      return this.#take(primary);
    }
    table.cachedTick[block] = this.#ticks++;
    if (primary >= 0) {
      this.#registry.addDuplicate(hash, block);
      table.enter(block, BlockState.duplicate);
      this.#hold(primary);
      return handle;
    }
    this.#registry.addPrimary(hash, block);
    table.enter(block, BlockState.primary);
    this.events.stored(hash, table.parent[block]!);
    return handle;
  }

  /** One more guard on a registered block, under the same handle. */
  acquire(handle: BlockHandle): void {
    const block = this.#registered(handle);
    this.#table.refs[block]!++;
    this.#table.holds[block]!++;
  }

  /** Gives one guard back. Without one outstanding: `block_double_release`. */
  release(handle: BlockHandle): void {
    const block = this.#live(handle, 'block_double_release');
    const table = this.#table;
    const state = table.state[block];
    if (state === BlockState.mutable || state === BlockState.staged) {
      this.#reset(block);
      return;
    }
    table.refs[block]!--;
    if (table.refs[block] === 0) table.endGeneration(block);
    this.#letGo(block);
  }

  /** Appends a guard on each of the longest visible prefix of `hashes`; returns how many. */
  matchPrefix(hashes: ArrayLike<number>, into: BlockHandle[]): number {
    for (let at = 0; at < hashes.length; at++) {
      const primary = this.#registry.primaryOf(hashes[at]!);
      if (primary < 0) return at;
      into.push(this.#take(primary));
      this.#eviction.touch(hashes[at]!);
    }
    return hashes.length;
  }

  /** For each hash a guard or NO_BLOCK, by position; does not stop at a miss. */
  scan(hashes: ArrayLike<number>, touch: boolean, into: BlockHandle[]): void {
    for (let at = 0; at < hashes.length; at++) {
      const primary = this.#registry.primaryOf(hashes[at]!);
      if (primary >= 0 && touch) this.#eviction.touch(hashes[at]!);
      into.push(primary < 0 ? NO_BLOCK : this.#take(primary));
    }
  }

  /** How many leading hashes are visible; takes nothing and touches nothing. */
  visiblePrefix(hashes: ArrayLike<number>): number {
    for (let at = 0; at < hashes.length; at++) {
      if (this.#registry.primaryOf(hashes[at]!) < 0) return at;
    }
    return hashes.length;
  }

  /** Holds a registered block, beside its guards, until `unpin`. */
  pin(handle: BlockHandle): PinHandle {
    const block = this.#registered(handle);
    this.#table.holds[block]!++;
    return this.#pins.take(block);
  }

  unpin(pin: PinHandle): void {
    this.#letGo(this.#pins.give(pin));
  }

  /** Whether the block's last release empties it. Has no effect on a duplicate. */
  setResetOnRelease(handle: BlockHandle, reset: boolean): void {
    const block = this.#live(handle, 'block_use_after_release');
    this.#table.resetOnRelease[block] = reset ? 1 : 0;
  }

  /** Empties the cache. False, and nothing changed, while anybody holds a block. */
  clear(): boolean {
    if (this.available !== this.#table.size) return false;
    while (this.#eviction.size > 0) {
      const block = this.#eviction.nextVictim();
      this.#registry.removePrimary(this.#table.hash[block]!);
      this.#empty(block);
    }
    this.events.cleared();
    return true;
  }

  /** A guard on a visible primary, revived if need be. */
  #take(primary: number): BlockHandle {
    this.#hold(primary);
    this.#table.refs[primary]!++;
    return this.#table.handle(primary);
  }

  #hold(primary: number): void {
    if (this.#table.state[primary] === BlockState.inactive) {
      this.#eviction.remove(primary);
      this.#table.enter(primary, BlockState.primary);
    }
    this.#table.holds[primary]!++;
  }

  /** One holder fewer; the last one's leaving decides where the block goes. */
  #letGo(block: number): void {
    const table = this.#table;
    assert(table.holds[block]! > 0, `block ${block} has no holder`);
    table.holds[block]!--;
    if (table.holds[block]! > 0) return;
    const hash = table.hash[block]!;
    if (table.state[block] === BlockState.duplicate) {
      this.#registry.removeDuplicate(hash);
      this.#empty(block);
      this.#letGo(this.#registry.primaryOf(hash));
      return;
    }
    if (table.resetOnRelease[block] === 1) {
      this.#forget(block);
      this.#empty(block);
      return;
    }
    table.enter(block, BlockState.inactive);
    this.#eviction.insert(block, hash, table.parent[block]!, table.cachedTick[block]!);
  }

  /** Takes the next victim out of the cache; the block is wiped and in the caller's hands. */
  #evict(): number {
    const block = this.#eviction.nextVictim();
    this.#forget(block);
    this.#table.wipe(block);
    return block;
  }

  /** The primary's hash is no longer visible. */
  #forget(block: number): void {
    const hash = this.#table.hash[block]!;
    this.#registry.removePrimary(hash);
    this.events.removed(hash);
  }

  /** Back to the free queue from the hands of its one holder. */
  #reset(block: number): void {
    this.#table.refs[block] = 0;
    this.#table.holds[block] = 0;
    this.#table.endGeneration(block);
    this.#empty(block);
  }

  #empty(block: number): void {
    this.#table.wipe(block);
    this.#table.enter(block, BlockState.reset);
    this.#free.push(block);
  }

  /** The handle's block, when the handle is one that may still be released. */
  #live(handle: BlockHandle, code: ErrorCode): number {
    const block = blockOf(handle);
    assert(handle >= 0 && block < this.#table.size, `${handle} is not a handle`);
    const current = this.#table.generation[block] === generationOf(handle);
    if (!current || this.#table.refs[block] === 0) {
      throw new WindtunnelError(code, 'the block was released before', {
        block,
        state: blockStateName(this.#table.state[block]!),
      });
    }
    return block;
  }

  #inState(handle: BlockHandle, state: BlockState): number {
    const block = this.#live(handle, 'block_use_after_release');
    if (this.#table.state[block] !== state) throw this.#wrongState(block, blockStateName(state));
    return block;
  }

  #registered(handle: BlockHandle): number {
    const block = this.#live(handle, 'block_use_after_release');
    const state = this.#table.state[block];
    if (state !== BlockState.primary && state !== BlockState.duplicate) {
      throw this.#wrongState(block, 'primary or duplicate');
    }
    return block;
  }

  #wrongState(block: number, expected: string): WindtunnelError {
    const actual = blockStateName(this.#table.state[block]!);
    return new WindtunnelError('block_state', `the block is ${actual}, not ${expected}`, {
      block,
      expected,
      actual,
    });
  }
}
