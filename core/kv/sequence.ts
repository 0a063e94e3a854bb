import { assert } from '#core/base/assert.ts';
import type { BlockHandle } from './block-handle.ts';
import type { BlockManager } from './block-manager.ts';

/**
 * The blocks of one request, in the order of its tokens: a matched prefix, computed full blocks,
 * and a tail that fills up.
 *
 *     handles   [ committed … | full, not yet visible … | tail ]
 *               0             #committed                       length
 */
export class BlockSequence {
  readonly #manager: BlockManager;
  readonly #handles: BlockHandle[] = [];
  #tokens = 0;
  #committed = 0;

  constructor(manager: BlockManager) {
    this.#manager = manager;
  }

  /** Tokens that have their place in the blocks. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Leading blocks that are visible to others. */
  get committedBlocks(): number {
    return this.#committed;
  }

  get handles(): readonly BlockHandle[] {
    return this.#handles;
  }

  /** Starts with the longest visible prefix of `hashes`; returns its blocks. Only when empty. */
  attachPrefix(hashes: ArrayLike<number>): number {
    assert(this.#handles.length === 0, 'a prefix is attached to an empty sequence');
    this.#committed = this.#manager.matchPrefix(hashes, this.#handles);
    this.#tokens = this.#committed * this.#manager.blockSize;
    return this.#committed;
  }

  /** Blocks that must be allocated to hold `tokens` more tokens. */
  blocksToGrow(tokens: number): number {
    return Math.ceil((this.#tokens + tokens) / this.#manager.blockSize) - this.#handles.length;
  }

  /** Makes place for `tokens` more tokens. False, and nothing changed, without room for all. */
  grow(tokens: number): boolean {
    assert(Number.isInteger(tokens) && tokens >= 0, `cannot grow by ${tokens} tokens`);
    if (!this.#manager.allocate(this.blocksToGrow(tokens), this.#handles)) return false;
    const { blockSize } = this.#manager;
    let left = tokens;
    while (left > 0) {
      const tail = this.#handles[Math.floor(this.#tokens / blockSize)]!;
      const taken = this.#manager.fill(tail, left);
      this.#tokens += taken;
      left -= taken;
    }
    return true;
  }

  /**
   * Makes computed blocks visible: those below `blocks` that are not yet. `hashes` names the blocks
   * from the start of the request; every one of them must be full.
   */
  commit(hashes: ArrayLike<number>, blocks: number): void {
    const full = Math.floor(this.#tokens / this.#manager.blockSize);
    assert(blocks <= full && blocks <= hashes.length, `block ${blocks - 1} is not full or unnamed`);
    for (let at = this.#committed; at < blocks; at++) {
      const handle = this.#handles[at]!;
      this.#manager.stage(handle, hashes[at]!, at === 0 ? -1 : hashes[at - 1]!);
      this.#handles[at] = this.#manager.register(handle);
    }
    this.#committed = Math.max(this.#committed, blocks);
  }

  /** Lets go of all blocks, tail first, so that leaves are evicted before their parents. */
  release(): void {
    for (let at = this.#handles.length - 1; at >= 0; at--)
      this.#manager.release(this.#handles[at]!);
    this.#handles.length = 0;
    this.#tokens = 0;
    this.#committed = 0;
  }
}
