import { growColumn } from '#core/base/columns.ts';
import type { Fleet } from '../fleet.ts';
import type { OwnerLists } from './owner-lists.ts';
import type { PromptPath } from './prompt-path.ts';

/**
 * How many leading blocks of a prompt each target holds, without a gap from the root. Filled again
 * for each prompt; a growing stamp makes the last prompt's values invalid, so clearing is free.
 *
 *     targets[i]        the i-th target with at least one block, i < count
 *     #blocks[target]   its blocks; valid when #reached[target] ≥ #base
 *     #reached[target]  #base + levels of the path that it holds whole
 */
export class PrefixMatch {
  targets = new Int32Array(16);
  count = 0;
  /** The longest prefix that any target holds, in blocks. */
  bestBlocks = 0;
  #blocks = new Int32Array(16);
  #reached = new Float64Array(16);
  #base = 1;
  #nextBase = 1;

  /** Leading blocks held by the target; 0 for a target that is not among `targets`. */
  blocksOf(target: number): number {
    return this.#reached[target]! >= this.#base ? this.#blocks[target]! : 0;
  }

  /** True when the target is among `targets`. */
  has(target: number): boolean {
    return this.#reached[target]! >= this.#base;
  }

  /** Makes room for targets up to `limit` − 1. */
  reserve(limit: number): void {
    if (limit <= this.targets.length) return;
    this.targets = growColumn(this.targets, limit);
    this.#blocks = growColumn(this.#blocks, limit);
    this.#reached = growColumn(this.#reached, limit);
  }

  /** The empty result. */
  clear(): void {
    this.#base = this.#nextBase;
    this.count = 0;
    this.bestBlocks = 0;
  }

  /** A copy of the result as pairs (target, blocks), for a prompt that has to wait. */
  save(): Int32Array {
    const pairs = new Int32Array(2 * this.count);
    for (let place = 0; place < this.count; place++) {
      const target = this.targets[place]!;
      pairs[2 * place] = target;
      pairs[2 * place + 1] = this.#blocks[target]!;
    }
    return pairs;
  }

  /**
   * Makes a copy the result again, without the targets that have left the fleet meanwhile. Room for
   * all targets must be reserved.
   */
  restore(pairs: Int32Array, fleet: Fleet): void {
    this.clear();
    this.#nextBase = this.#base + 1;
    for (let place = 0; place < pairs.length; place += 2) {
      const target = pairs[place]!;
      const blocks = pairs[place + 1]!;
      if (!fleet.has(target)) continue;
      this.targets[this.count++] = target;
      this.#blocks[target] = blocks;
      this.#reached[target] = this.#base;
      if (blocks > this.bestBlocks) this.bestBlocks = blocks;
    }
  }

  /**
   * Matches the prompt's path against the owners. Costs the owners of the visited nodes, and stops
   * at the first node that no target holds whole. Room for all targets must be reserved.
   */
  fill(lists: OwnerLists, path: PromptPath): void {
    this.clear();
    if (path.depth === 0) return;
    this.#nextBase = this.#base + path.depth + 1;
    let whole = this.#enter(lists, path.nodes[0]!, path.needs[0]!);
    for (let level = 1; level < path.depth && whole > 0; level++) {
      whole = this.#extend(lists, path.nodes[level]!, path.needs[level]!, this.#base + level);
    }
  }

  /** The first node: every owner enters the result. Returns how many hold all that is needed. */
  #enter(lists: OwnerLists, node: number, need: number): number {
    const owner = lists.owner;
    const covered = lists.covered;
    const targets = this.targets;
    const blocks = this.#blocks;
    const reached = this.#reached;
    const base = this.#base;
    const start = lists.start(node);
    const size = lists.size(node);
    let whole = 0;
    let best = 0;
    for (let place = 0; place < size; place++) {
      const target = owner[start + place]!;
      const held = covered[start + place]!;
      const used = Math.min(held, need);
      targets[place] = target;
      blocks[target] = used;
      if (used > best) best = used;
      if (used === need) {
        reached[target] = base + 1;
        whole++;
      } else {
        reached[target] = base;
      }
    }
    this.count = size;
    this.bestBlocks = best;
    return whole;
  }

  /** A further node: only targets that hold everything before it, stamped `stamp`, extend. */
  #extend(lists: OwnerLists, node: number, need: number, stamp: number): number {
    const owner = lists.owner;
    const covered = lists.covered;
    const blocks = this.#blocks;
    const reached = this.#reached;
    const start = lists.start(node);
    const end = start + lists.size(node);
    let whole = 0;
    let best = this.bestBlocks;
    for (let slot = start; slot < end; slot++) {
      const target = owner[slot]!;
      if (reached[target] !== stamp) continue;
      const held = covered[slot]!;
      const total = blocks[target]! + Math.min(held, need);
      blocks[target] = total;
      if (total > best) best = total;
      if (held >= need) {
        reached[target] = stamp + 1;
        whole++;
      }
    }
    this.bestBlocks = best;
    return whole;
  }
}
