import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';

/**
 * Which hashes are visible in one tier. A hash has at most one primary; duplicates exist only
 * beside it. A row is an interned hash.
 *
 *     #primary[hash]   primary block + 1, 0 = not visible
 *     #copies[hash]    blocks that carry the hash: primary and duplicates (presence)
 */
export class BlockRegistry {
  #primary = new Int32Array(16);
  #copies = new Int32Array(16);
  #visible = 0;

  /** Visible hashes. */
  get size(): number {
    return this.#visible;
  }

  /** The primary block of `hash`, −1 when it is not visible. */
  primaryOf(hash: number): number {
    return hash < this.#primary.length ? this.#primary[hash]! - 1 : -1;
  }

  /** How many blocks carry `hash`. */
  presence(hash: number): number {
    return hash < this.#copies.length ? this.#copies[hash]! : 0;
  }

  addPrimary(hash: number, block: number): void {
    assert(this.primaryOf(hash) < 0, `hash ${hash} already has a primary`);
    this.#primary = growColumn(this.#primary, hash + 1);
    this.#copies = growColumn(this.#copies, hash + 1);
    this.#primary[hash] = block + 1;
    this.#copies[hash] = 1;
    this.#visible++;
  }

  /** A second block with the hash of `primary` appeared; the primary's own block is refused. */
  addDuplicate(hash: number, block: number): void {
    const primary = this.primaryOf(hash);
    assert(primary >= 0 && primary !== block, `block ${block} cannot duplicate hash ${hash}`);
    this.#copies[hash]!++;
  }

  removeDuplicate(hash: number): void {
    assert(this.presence(hash) > 1, `hash ${hash} has no duplicate`);
    this.#copies[hash]!--;
  }

  /** The primary goes, and with it the hash: duplicates must be gone before. */
  removePrimary(hash: number): void {
    assert(this.presence(hash) === 1, `hash ${hash} has duplicates or no primary`);
    this.#primary[hash] = 0;
    this.#copies[hash] = 0;
    this.#visible--;
  }
}
