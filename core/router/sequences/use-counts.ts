import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';

/**
 * Small multisets of block counts, each a list sorted from the largest count down, so that the head
 * is the maximum. One exists per (node, target) with active requests; the lists are as long as the
 * number of different lengths in which that target's requests use the node, mostly one.
 *
 *     blocks[row]   how many leading blocks of the node are used
 *     #uses[row]    requests that use exactly so many, ≥ 1
 *     #next[row]    the next smaller count of the same list, or the next free row; −1 = end
 */
export class UseCounts {
  blocks = new Int32Array(16);
  #uses = new Int32Array(16);
  #next = new Int32Array(16);
  #free = -1;
  #fresh = 0;

  /** Adds one use to the list `head` (−1 = empty); returns its new head. */
  add(head: number, blocks: number): number {
    let previous = -1;
    let row = head;
    while (row >= 0 && this.blocks[row]! > blocks) {
      previous = row;
      row = this.#next[row]!;
    }
    if (row >= 0 && this.blocks[row] === blocks) {
      this.#uses[row]! += 1;
      return head;
    }
    const added = this.#take(blocks, row);
    if (previous < 0) return added;
    this.#next[previous] = added;
    return head;
  }

  /**
   * From which block on the one use of `blocks` in the list `head` is the only one: the next smaller
   * count, or `blocks` where another use reaches as far.
   */
  soleFrom(head: number, blocks: number): number {
    if (this.blocks[head]! > blocks || this.#uses[head]! > 1) return blocks;
    const next = this.#next[head]!;
    return next < 0 ? 0 : this.blocks[next]!;
  }

  /** Removes one use, which must exist; returns the list's new head, −1 = now empty. */
  remove(head: number, blocks: number): number {
    let previous = -1;
    let row = head;
    while (row >= 0 && this.blocks[row] !== blocks) {
      previous = row;
      row = this.#next[row]!;
    }
    assert(row >= 0, 'there is no such use to remove');
    this.#uses[row]! -= 1;
    if (this.#uses[row]! > 0) return head;
    const next = this.#next[row]!;
    this.#next[row] = this.#free;
    this.#free = row;
    if (previous < 0) return next;
    this.#next[previous] = next;
    return head;
  }

  #take(blocks: number, next: number): number {
    let row = this.#free;
    if (row >= 0) {
      this.#free = this.#next[row]!;
    } else {
      row = this.#fresh++;
      this.blocks = growColumn(this.blocks, row + 1);
      this.#uses = growColumn(this.#uses, row + 1);
      this.#next = growColumn(this.#next, row + 1);
    }
    this.blocks[row] = blocks;
    this.#uses[row] = 1;
    this.#next[row] = next;
    return row;
  }
}
