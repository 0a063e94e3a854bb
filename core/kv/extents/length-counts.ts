import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';

/**
 * For each owner, how many users need how many of its leading blocks.
 *
 *     #first[owner]    its list of (length, users), longest first, −1 = nobody needs any
 *     #length, #users  of a list's entry
 *     #next            the next shorter entry, −1 = none
 */
export class LengthCounts {
  #first = new Int32Array(16).fill(-1);
  readonly #rows = new RowAllocator();
  #length = new Int32Array(16);
  #users = new Int32Array(16);
  #next = new Int32Array(16);

  /** Makes room for owners up to `limit` − 1. */
  reserve(limit: number): void {
    const before = this.#first.length;
    if (limit > before) this.#first = growColumn(this.#first, limit).fill(-1, before);
  }

  /** The longest length that somebody needs, 0 = nobody needs any. */
  longest(owner: number): number {
    const first = this.#first[owner]!;
    return first < 0 ? 0 : this.#length[first]!;
  }

  /** How many need exactly so many. */
  users(owner: number, length: number): number {
    let at = this.#first[owner]!;
    while (at >= 0 && this.#length[at]! > length) at = this.#next[at]!;
    return at >= 0 && this.#length[at] === length ? this.#users[at]! : 0;
  }

  /** Adds a user of the first `length` blocks. */
  add(owner: number, length: number): void {
    let before = -1;
    let at = this.#first[owner]!;
    while (at >= 0 && this.#length[at]! > length) {
      before = at;
      at = this.#next[at]!;
    }
    if (at >= 0 && this.#length[at] === length) {
      this.#users[at]!++;
      return;
    }
    const entry = this.#rows.take();
    if (entry >= this.#length.length) {
      this.#length = growColumn(this.#length, entry + 1);
      this.#users = growColumn(this.#users, entry + 1);
      this.#next = growColumn(this.#next, entry + 1);
    }
    this.#length[entry] = length;
    this.#users[entry] = 1;
    this.#next[entry] = at;
    if (before >= 0) this.#next[before] = entry;
    else this.#first[owner] = entry;
  }

  /** Removes one user of the first `length` blocks. */
  remove(owner: number, length: number): void {
    let before = -1;
    let at = this.#first[owner]!;
    while (at >= 0 && this.#length[at] !== length) {
      before = at;
      at = this.#next[at]!;
    }
    assert(at >= 0, 'nobody needs that many blocks of it');
    if (--this.#users[at]! > 0) return;
    if (before >= 0) this.#next[before] = this.#next[at]!;
    else this.#first[owner] = this.#next[at]!;
    this.#rows.give(at);
  }
}
