import { assert } from '#core/base/assert.ts';
import { OwnerLists } from '../index/owner-lists.ts';
import type { PrefixMatch } from '../index/prefix-match.ts';
import type { PromptPath } from '../index/prompt-path.ts';
import type { BlockWeights } from './block-weights.ts';
import { UseCounts } from './use-counts.ts';

/**
 * The prompt blocks of active requests, reference-counted per target: of the requests of one target
 * that use a node, the one that uses most of it determines how many of its blocks are active there.
 * Every request uses its ancestors too, so what is active on a target is closed towards the root.
 *
 * In the owner lists `covered` is that maximum and `tag` the head of the node's use counts.
 */
export class ActivePrefixes {
  readonly #lists = new OwnerLists();
  readonly #uses = new UseCounts();
  readonly #weights: BlockWeights | undefined;

  /** With `weights`, blocks may count for less than one. */
  constructor(weights?: BlockWeights) {
    this.#weights = weights;
  }

  /** Adds a request's path on the target; returns how many blocks became active. */
  add(target: number, path: PromptPath): number {
    const lists = this.#lists;
    const uses = this.#uses;
    let added = 0;
    for (let level = 0; level < path.depth; level++) {
      const node = path.nodes[level]!;
      const need = path.needs[level]!;
      let slot = lists.find(node, target);
      if (slot < 0) {
        slot = lists.insert(node, target);
        lists.covered[slot] = 0;
        lists.tag[slot] = -1;
      }
      lists.tag[slot] = uses.add(lists.tag[slot]!, need);
      const before = lists.covered[slot]!;
      if (need <= before) continue;
      lists.covered[slot] = need;
      added += need - before;
      this.#weights?.extend(node, target, before);
    }
    return added;
  }

  /** Takes a request's path off the target; returns how many blocks ceased to be active. */
  remove(target: number, path: PromptPath): number {
    const lists = this.#lists;
    const uses = this.#uses;
    let removed = 0;
    for (let level = 0; level < path.depth; level++) {
      const node = path.nodes[level]!;
      const slot = lists.find(node, target);
      assert(slot >= 0, 'the request is not active on the target');
      const head = uses.remove(lists.tag[slot]!, path.needs[level]!);
      const before = lists.covered[slot]!;
      const after = head < 0 ? 0 : uses.blocks[head]!;
      removed += before - after;
      if (after < before) this.#weights?.truncate(node, target, after, before);
      lists.covered[slot] = after;
      lists.tag[slot] = head;
      if (head < 0) lists.eraseAt(node, slot);
    }
    return removed;
  }

  /**
   * The blocks at the end of an active request's path that no other request of the target uses count
   * `units` each from now on.
   */
  weighExclusive(target: number, path: PromptPath, units: number): void {
    const lists = this.#lists;
    for (let level = path.depth - 1; level >= 0; level--) {
      const node = path.nodes[level]!;
      const need = path.needs[level]!;
      const slot = lists.find(node, target);
      assert(slot >= 0, 'the request is not active on the target');
      const from = this.#uses.soleFrom(lists.tag[slot]!, need);
      if (from < need) this.#weights?.weigh(node, target, from, need, units);
      if (from > 0) return;
    }
  }

  /**
   * Fills `match` with the leading blocks of the path that are active on each target below
   * `targetLimit`; first levels in use on more than `longestList` of them count as hot, see there.
   */
  match(path: PromptPath, targetLimit: number, match: PrefixMatch, longestList: number): void {
    match.reserve(targetLimit);
    match.fill(this.#lists, path, longestList);
  }

  /** True while an active request uses the node. */
  uses(node: number): boolean {
    return this.#lists.size(node) > 0;
  }
}
