import { assert } from '#core/base/assert.ts';
import { BLOCK_LIMIT, type BlockHandle, GENERATION_LIMIT, packHandle } from './block-handle.ts';
import { BlockState } from './block-state.ts';

/**
 * The blocks of one tier; a row is a block.
 *
 *     state[block]           BlockState
 *     generation[block]      counts lives, see BlockHandle
 *     refs[block]            guards outstanding: what handles may still be released
 *     holds[block]           guards + pins + (primary only) live duplicates; 0 = nobody needs it
 *     tokens[block]          tokens filled in, 0 … block size
 *     hash[block]            interned sequence hash, −1 before it is staged
 *     parent[block]          interned sequence hash of the block before it, −1 = first or unknown
 *     cachedTick[block]      counts registrations: when the block became visible
 *     resetOnRelease[block]  1 = the last release empties the block instead of keeping it cached
 *
 *     #count[state]          blocks in that state; they sum to the number of blocks
 */
export class BlockTable {
  readonly size: number;
  readonly state: Uint8Array<ArrayBuffer>;
  readonly generation: Uint32Array<ArrayBuffer>;
  readonly refs: Int32Array<ArrayBuffer>;
  readonly holds: Int32Array<ArrayBuffer>;
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly hash: Int32Array<ArrayBuffer>;
  readonly parent: Int32Array<ArrayBuffer>;
  readonly cachedTick: Float64Array<ArrayBuffer>;
  readonly resetOnRelease: Uint8Array<ArrayBuffer>;
  readonly #count = new Int32Array(6);

  constructor(size: number) {
    assert(Number.isInteger(size) && size > 0 && size <= BLOCK_LIMIT, `bad block count ${size}`);
    this.size = size;
    this.state = new Uint8Array(size);
    this.generation = new Uint32Array(size);
    this.refs = new Int32Array(size);
    this.holds = new Int32Array(size);
    this.tokens = new Int32Array(size);
    this.hash = new Int32Array(size).fill(-1);
    this.parent = new Int32Array(size).fill(-1);
    this.cachedTick = new Float64Array(size);
    this.resetOnRelease = new Uint8Array(size);
    this.#count[BlockState.reset] = size;
  }

  count(state: BlockState): number {
    return this.#count[state]!;
  }

  /** Moves the block to another state and keeps the counts. */
  enter(block: number, state: BlockState): void {
    this.#count[this.state[block]!]!--;
    this.#count[state]!++;
    this.state[block] = state;
  }

  handle(block: number): BlockHandle {
    return packHandle(block, this.generation[block]!);
  }

  /** From now on, no handle given out so far is valid. */
  endGeneration(block: number): void {
    this.generation[block] = (this.generation[block]! + 1) % GENERATION_LIMIT;
  }

  /** Forgets the contents. */
  wipe(block: number): void {
    this.tokens[block] = 0;
    this.hash[block] = -1;
    this.parent[block] = -1;
  }
}
