import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { OwnerLists } from './owner-lists.ts';
import type { PrefixMatch } from './prefix-match.ts';
import type { PromptPath } from './prompt-path.ts';

/**
 * Which targets hold how many leading blocks of each forest node in device memory, as told by KV
 * events. A target that holds a node's block k also holds blocks 0…k−1 of that node; whether it
 * holds the node's ancestors is not implied, and the match does not assume it.
 */
export class OwnershipIndex {
  readonly #lists = new OwnerLists();
  #blocks = new Float64Array(16);
  #targets = 0;

  /** Blocks that the target holds in all nodes together. */
  blocksOf(target: number): number {
    return target < this.#blocks.length ? this.#blocks[target]! : 0;
  }

  /** Leading blocks of the node that the target holds. */
  blocksOfNode(target: number, node: number): number {
    const slot = this.#lists.find(node, target);
    return slot < 0 ? 0 : this.#lists.covered[slot]!;
  }

  /** The target now holds at least the first `blocks` blocks of the node; never shrinks. */
  stored(target: number, node: number, blocks: number): void {
    assert(target >= 0 && node >= 0 && blocks > 0, 'a store names a target, a node and blocks');
    this.#reserve(target);
    const lists = this.#lists;
    let slot = lists.find(node, target);
    if (slot < 0) {
      slot = lists.insert(node, target);
      lists.covered[slot] = 0;
    }
    const before = lists.covered[slot]!;
    if (blocks <= before) return;
    lists.covered[slot] = blocks;
    this.#blocks[target]! += blocks - before;
  }

  /** The target now holds at most the first `keep` blocks of the node; unknown pairs are fine. */
  removed(target: number, node: number, keep: number): void {
    assert(keep >= 0, 'cannot keep fewer than 0 blocks');
    const lists = this.#lists;
    const slot = lists.find(node, target);
    if (slot < 0) return;
    const before = lists.covered[slot]!;
    if (keep >= before) return;
    this.#blocks[target]! -= before - keep;
    if (keep === 0) lists.eraseAt(node, slot);
    else lists.covered[slot] = keep;
  }

  /** The target holds nothing any more. Costs one look-up per node, so it is for rare events. */
  cleared(target: number): void {
    if (this.blocksOf(target) === 0) return;
    const lists = this.#lists;
    for (let node = 0; node < lists.nodeLimit; node++) {
      const slot = lists.size(node) > 0 ? lists.find(node, target) : -1;
      if (slot >= 0) lists.eraseAt(node, slot);
    }
    this.#blocks[target] = 0;
  }

  /** The target is gone. Its id may come back and then holds nothing. */
  removeTarget(target: number): void {
    this.cleared(target);
  }

  /** The forest is about to reuse the node's id: nobody holds it any more. */
  freeNode(node: number): void {
    const lists = this.#lists;
    while (lists.size(node) > 0) {
      const slot = lists.start(node) + lists.size(node) - 1;
      const target = lists.owner[slot]!;
      this.#blocks[target]! -= lists.covered[slot]!;
      lists.eraseAt(node, slot);
    }
  }

  /**
   * Fills `match` with the leading blocks of the path that each target holds without a gap; with
   * more than `longestList` owners the first levels count as hot, see there.
   */
  match(path: PromptPath, match: PrefixMatch, longestList = Infinity): void {
    this.reserve(match);
    match.fill(this.#lists, path, longestList);
  }

  /** Makes room in a result for every target that the index knows. */
  reserve(match: PrefixMatch): void {
    match.reserve(this.#targets);
  }

  #reserve(target: number): void {
    if (target < this.#targets) return;
    this.#targets = target + 1;
    this.#blocks = growColumn(this.#blocks, this.#targets);
  }
}
