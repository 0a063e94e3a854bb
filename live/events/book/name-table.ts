import { growColumn, RowAllocator } from '#core/base/columns.ts';
import { HashMap } from './hash-map.ts';

/** Device, host, disk and external. */
export const TIERS = 4;
const INITIAL_ROWS = 256;

/**
 * The names that one engine gives its blocks, in columns. A name whose last copy is gone is idle:
 * it is remembered for a while, because a block can be stored in a lower tier, without its tokens,
 * after the device has dropped it.
 *
 *     hash[row]               the engine's name
 *     node[row]               what it stands for
 *     seed[row]               seed that the block was hashed under, which its successors inherit
 *     copies[TIERS·row + t]   copies in tier t
 *     held[row]               sum of the copies
 *     #older, #newer[row]     neighbours among the idle names, −1 = end
 */
export class NameTable {
  readonly hash: bigint[] = [];
  readonly seed: bigint[] = [];
  node = new Int32Array(INITIAL_ROWS);
  copies = new Int32Array(TIERS * INITIAL_ROWS);
  held = new Int32Array(INITIAL_ROWS);
  readonly #rows = new RowAllocator();
  readonly #byHash = new HashMap();
  #older = new Int32Array(INITIAL_ROWS);
  #newer = new Int32Array(INITIAL_ROWS);
  #oldest = -1;
  #newest = -1;
  #idle = 0;

  /** Names known, idle ones too. */
  get size(): number {
    return this.#rows.used;
  }

  get idle(): number {
    return this.#idle;
  }

  /** The name that has been idle longest, −1 = none is. */
  get oldestIdle(): number {
    return this.#oldest;
  }

  /** The row of a name, −1 = not known. */
  find(hash: bigint): number {
    return this.#byHash.get(hash);
  }

  /** A new name, idle as long as no copy is counted. */
  add(hash: bigint, node: number, seed: bigint): number {
    const row = this.#rows.take();
    this.node = growColumn(this.node, row + 1);
    this.copies = growColumn(this.copies, TIERS * (row + 1));
    this.held = growColumn(this.held, row + 1);
    this.#older = growColumn(this.#older, row + 1);
    this.#newer = growColumn(this.#newer, row + 1);
    this.hash[row] = hash;
    this.node[row] = node;
    this.seed[row] = seed;
    this.copies.fill(0, TIERS * row, TIERS * (row + 1));
    this.held[row] = 0;
    this.#byHash.set(hash, row);
    this.#link(row);
    return row;
  }

  /** One copy more; true when it is the first in its tier. */
  hold(row: number, tier: number): boolean {
    if (this.held[row]!++ === 0) this.#unlink(row);
    return this.copies[TIERS * row + tier]!++ === 0;
  }

  /** One copy less, of which there must be one; true when it was the last in its tier. */
  drop(row: number, tier: number): boolean {
    if (--this.held[row]! === 0) this.#link(row);
    return --this.copies[TIERS * row + tier]! === 0;
  }

  /** Forgets an idle name. */
  delete(row: number): void {
    this.#unlink(row);
    this.#byHash.delete(this.hash[row]!);
    this.#rows.give(row);
  }

  /** Forgets everything, and tells of each name's node. */
  clear(tell: (node: number) => void): void {
    for (const row of this.#byHash.values()) {
      tell(this.node[row]!);
      this.#rows.give(row);
    }
    this.#byHash.clear();
    this.#oldest = -1;
    this.#newest = -1;
    this.#idle = 0;
  }

  #link(row: number): void {
    this.#older[row] = this.#newest;
    this.#newer[row] = -1;
    if (this.#newest >= 0) this.#newer[this.#newest] = row;
    else this.#oldest = row;
    this.#newest = row;
    this.#idle++;
  }

  #unlink(row: number): void {
    const older = this.#older[row]!;
    const newer = this.#newer[row]!;
    if (older >= 0) this.#newer[older] = newer;
    else this.#oldest = newer;
    if (newer >= 0) this.#older[newer] = older;
    else this.#newest = older;
    this.#idle--;
  }
}
