import { growColumn } from '#core/base/columns.ts';
import type { Fleet } from '../fleet.ts';
import type { OwnerLists } from './owner-lists.ts';
import type { PromptPath } from './prompt-path.ts';

/**
 * How many leading blocks of a prompt each target holds, without a gap from the root. Filled again
 * for each prompt; a growing stamp makes the last prompt's values invalid, so clearing is free.
 *
 * The first levels of a path can be hot: owned by nearly every target, as a system prompt is. Their
 * owners need not be listed. Then `targets` are those that hold more than the hot levels, and what
 * any other target holds, `hotBlocks` at most, is looked up when asked for. Such a result is valid
 * as long as neither the owners nor the path have changed.
 *
 *     targets[i]        the i-th listed target, i < count
 *     #blocks[target]   its blocks; valid when #reached[target] ≥ #base
 *     #reached[target]  #base + levels of the path that it holds whole
 */
export class PrefixMatch {
  targets = new Int32Array(16);
  count = 0;
  /** Blocks of the hot levels, 0 = there are none, and `targets` is everyone with a block. */
  hotBlocks = 0;
  #hotLevels = 0;
  #bestListed = 0;
  #blocks = new Int32Array(16);
  #reached = new Float64Array(16);
  #base = 1;
  #nextBase = 1;
  #lists: OwnerLists | undefined;
  #path: PromptPath | undefined;

  /** Leading blocks held by the target. */
  blocksOf(target: number): number {
    if (this.#reached[target]! >= this.#base) return this.#blocks[target]!;
    return this.#hotLevels === 0 ? 0 : this.#hotBlocksOf(target);
  }

  /** True when the target is among `targets`. */
  has(target: number): boolean {
    return this.#reached[target]! >= this.#base;
  }

  /** The longest prefix that any target holds, in blocks. */
  get bestBlocks(): number {
    return this.#hotLevels === 0 || this.count > 0 ? this.#bestListed : this.#bestHotBlocks();
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
    this.hotBlocks = 0;
    this.#hotLevels = 0;
    this.#bestListed = 0;
  }

  /** A copy of the result as pairs (target, blocks), for a prompt that has to wait. */
  save(): Int32Array {
    this.listAll();
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
      if (blocks > this.#bestListed) this.#bestListed = blocks;
    }
  }

  /**
   * Matches the prompt's path against the owners. Costs the owners of the visited nodes, and stops
   * at the first node that no target holds whole. First levels with more than `longestList` owners
   * are hot; to list none of their owners costs a look-up per hot level for each owner of the first
   * level that is not. Room for all targets must be reserved.
   */
  fill(lists: OwnerLists, path: PromptPath, longestList = Infinity): void {
    this.clear();
    if (path.depth === 0) return;
    this.#lists = lists;
    this.#path = path;
    this.#nextBase = this.#base + path.depth + 1;
    while (this.#isHot(lists, path, this.#hotLevels, longestList)) {
      this.hotBlocks += path.needs[this.#hotLevels]!;
      this.#hotLevels++;
    }
    const first = this.#hotLevels;
    if (first === path.depth) return;
    let whole = first === 0 ? this.#enter(lists, path) : this.#enterBelowHot(lists, path);
    for (let level = first + 1; level < path.depth && whole > 0; level++) {
      whole = this.#extend(lists, path.nodes[level]!, path.needs[level]!, this.#base + level);
    }
  }

  /**
   * Of what this result and another of the same prompt say of a target, the larger counts from now
   * on. Both must list everyone, and room for all targets must be reserved.
   */
  raise(other: PrefixMatch): void {
    for (let place = 0; place < other.count; place++) {
      const target = other.targets[place]!;
      const blocks = other.blocksOf(target);
      if (!this.has(target)) {
        this.targets[this.count++] = target;
        this.#reached[target] = this.#base;
        this.#blocks[target] = 0;
      }
      if (blocks > this.#blocks[target]!) this.#blocks[target] = blocks;
      if (blocks > this.#bestListed) this.#bestListed = blocks;
    }
  }

  /** Lists every target with a block, after a fill that has left some out. */
  listAll(): void {
    if (this.#hotLevels > 0) this.fill(this.#lists!, this.#path!);
  }

  #isHot(lists: OwnerLists, path: PromptPath, level: number, longestList: number): boolean {
    return level < path.depth && lists.size(path.nodes[level]!) > longestList;
  }

  /** What a target that is not listed holds of the hot levels. */
  #hotBlocksOf(target: number): number {
    const lists = this.#lists!;
    const path = this.#path!;
    let blocks = 0;
    for (let level = 0; level < this.#hotLevels; level++) {
      const slot = lists.find(path.nodes[level]!, target);
      if (slot < 0) return blocks;
      const need = path.needs[level]!;
      const held = lists.covered[slot]!;
      if (held < need) return blocks + held;
      blocks += need;
    }
    return blocks;
  }

  /**
   * The most that any target holds of the hot levels when none is listed. Mostly the first owner of
   * the last hot level holds them all; only where none does, the owners of the first are asked.
   */
  #bestHotBlocks(): number {
    const lists = this.#lists!;
    const path = this.#path!;
    const last = this.#hotLevels - 1;
    const lastEnd = lists.start(path.nodes[last]!) + lists.size(path.nodes[last]!);
    for (let slot = lists.start(path.nodes[last]!); slot < lastEnd; slot++) {
      if (lists.covered[slot]! < path.needs[last]!) continue;
      if (this.#hotBlocksOf(lists.owner[slot]!) === this.hotBlocks) return this.hotBlocks;
    }
    const need = path.needs[0]!;
    const end = lists.start(path.nodes[0]!) + lists.size(path.nodes[0]!);
    let best = 0;
    for (let slot = lists.start(path.nodes[0]!); slot < end; slot++) {
      const held = lists.covered[slot]!;
      const blocks = held < need ? held : this.#hotBlocksOf(lists.owner[slot]!);
      if (blocks > best) best = blocks;
    }
    return best;
  }

  /** The first node below the hot ones: its owners enter if they hold all of the hot levels. */
  #enterBelowHot(lists: OwnerLists, path: PromptPath): number {
    const level = this.#hotLevels;
    const need = path.needs[level]!;
    const stamp = this.#base + level;
    const start = lists.start(path.nodes[level]!);
    const end = start + lists.size(path.nodes[level]!);
    let whole = 0;
    for (let slot = start; slot < end; slot++) {
      const target = lists.owner[slot]!;
      if (this.#hotBlocksOf(target) < this.hotBlocks) continue;
      const held = lists.covered[slot]!;
      const total = this.hotBlocks + Math.min(held, need);
      this.targets[this.count++] = target;
      this.#blocks[target] = total;
      if (total > this.#bestListed) this.#bestListed = total;
      this.#reached[target] = held < need ? stamp : stamp + 1;
      if (held >= need) whole++;
    }
    return whole;
  }

  /** The first node: every owner enters the result. Returns how many hold all that is needed. */
  #enter(lists: OwnerLists, path: PromptPath): number {
    const node = path.nodes[0]!;
    const need = path.needs[0]!;
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
    this.#bestListed = best;
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
    let best = this.#bestListed;
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
    this.#bestListed = best;
    return whole;
  }
}
