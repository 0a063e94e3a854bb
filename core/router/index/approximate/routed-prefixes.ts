import { growColumn, RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { OwnerLists } from '../owner-lists.ts';
import type { PrefixIndex } from '../prefix-index.ts';
import type { PrefixMatch } from '../prefix-match.ts';
import { PromptPath } from '../prompt-path.ts';
import type { NodeHolds } from './routed-index.ts';

/**
 * Prompts that were routed to targets, with how long ago each block was. Whoever uses a block of a
 * node uses the blocks before it too, so the blocks of a (node, target) pair fall into runs, the
 * most recently used first:
 *
 *     node on target   ├─ used at 90 s ─┤─ used at 40 s ─┤─ used at 10 s ─┤
 *
 * All runs of a list stand in the order of their last use, of one prompt the deepest first, so that
 * the oldest run is always the end of its pair and nothing that hangs below it is left.
 *
 *     #node, #target, #end[run]     the run reaches to block `end` of the node on the target
 *     #untilNs[run]                 for the policy: when it is to be forgotten
 *     #nearer, #farther[run]        runs of the same pair before and behind it, −1 = none
 *     #older, #newer[run]           neighbours in its list, −1 = end
 *     #list[run], #oldest, #newest[list]
 *     #blocks[target]               blocks in all its runs
 *
 * In the owner lists `covered` is the end of the pair's last run and `tag` its first run.
 */
export class RoutedPrefixes implements PrefixIndex {
  readonly #forest: BlockForest;
  readonly #holds: NodeHolds;
  readonly #lists = new OwnerLists();
  readonly #path = new PromptPath();
  readonly #rows = new RowAllocator();
  #node = new Int32Array(16);
  #target = new Int32Array(16);
  #end = new Int32Array(16);
  #untilNs = new Float64Array(16);
  #nearer = new Int32Array(16);
  #farther = new Int32Array(16);
  #older = new Int32Array(16);
  #newer = new Int32Array(16);
  #list = new Int32Array(16);
  #oldest = new Int32Array(16).fill(-1);
  #newest = new Int32Array(16).fill(-1);
  #blocks = new Float64Array(16);
  #targets = 0;

  constructor(forest: BlockForest, holds: NodeHolds) {
    this.#forest = forest;
    this.#holds = holds;
  }

  blocksOf(target: number): number {
    return target < this.#targets ? this.#blocks[target]! : 0;
  }

  match(path: PromptPath, match: PrefixMatch, longestList = Infinity): void {
    this.reserve(match);
    match.fill(this.#lists, path, longestList);
  }

  reserve(match: PrefixMatch): void {
    match.reserve(this.#targets);
  }

  uses(node: number): boolean {
    return this.#lists.size(node) > 0;
  }

  /** The prompt is used on the target now: its blocks become the newest of the list. */
  touch(target: number, leaf: number, leafBlocks: number, list: number, untilNs: Ns): void {
    this.#reserve(target, list);
    const path = this.#path;
    path.fill(this.#forest, leaf, leafBlocks);
    for (let level = path.depth - 1; level >= 0; level--) {
      const run = this.#renew(target, path.nodes[level]!, path.needs[level]!);
      this.#untilNs[run] = untilNs;
      this.#append(run, list);
    }
  }

  /** The run of the list that was used longest ago, −1 = the list is empty. */
  oldest(list: number): number {
    return list < this.#oldest.length ? this.#oldest[list]! : -1;
  }

  untilNs(run: number): Ns {
    return this.#untilNs[run]!;
  }

  /** Forgets the last blocks of the oldest run of its list, all of them or `blocks` at most. */
  forget(run: number, blocks: number): void {
    const target = this.#target[run]!;
    const nearer = this.#nearer[run]!;
    const start = nearer < 0 ? 0 : this.#end[nearer]!;
    const end = this.#end[run]!;
    const keep = Math.max(start, end - blocks);
    this.#blocks[target]! -= end - keep;
    const slot = this.#lists.find(this.#node[run]!, target);
    this.#lists.covered[slot] = keep;
    this.#end[run] = keep;
    if (keep > start) return;
    this.#unlink(run);
    this.#rows.give(run);
    if (nearer >= 0) this.#farther[nearer] = -1;
    else this.#leave(this.#node[run]!, target);
  }

  /** Forgets all that is in the list of the target. */
  forgetTarget(target: number, list: number): void {
    for (let run = this.oldest(list); run >= 0; ) {
      const newer = this.#newer[run]!;
      if (this.#target[run] === target) this.forget(run, Infinity);
      run = newer;
    }
  }

  /** A run of the pair's first `need` blocks, in place of the runs that it covers whole. */
  #renew(target: number, node: number, need: number): number {
    const lists = this.#lists;
    let slot = lists.find(node, target);
    if (slot < 0) {
      slot = lists.insert(node, target);
      lists.covered[slot] = 0;
      lists.tag[slot] = -1;
      this.#holds.retain(node);
    }
    let first = lists.tag[slot]!;
    while (first >= 0 && this.#end[first]! <= need) {
      const farther = this.#farther[first]!;
      this.#unlink(first);
      this.#rows.give(first);
      first = farther;
    }
    const covered = lists.covered[slot]!;
    if (need > covered) {
      this.#blocks[target]! += need - covered;
      lists.covered[slot] = need;
    }
    const run = this.#take(node, target, need);
    this.#nearer[run] = -1;
    this.#farther[run] = first;
    if (first >= 0) this.#nearer[first] = run;
    lists.tag[slot] = run;
    return run;
  }

  #leave(node: number, target: number): void {
    this.#lists.eraseAt(node, this.#lists.find(node, target));
    this.#holds.release(node);
  }

  #append(run: number, list: number): void {
    const newest = this.#newest[list]!;
    this.#list[run] = list;
    this.#older[run] = newest;
    this.#newer[run] = -1;
    if (newest < 0) this.#oldest[list] = run;
    else this.#newer[newest] = run;
    this.#newest[list] = run;
  }

  #unlink(run: number): void {
    const list = this.#list[run]!;
    const older = this.#older[run]!;
    const newer = this.#newer[run]!;
    if (older < 0) this.#oldest[list] = newer;
    else this.#newer[older] = newer;
    if (newer < 0) this.#newest[list] = older;
    else this.#older[newer] = older;
  }

  #take(node: number, target: number, end: number): number {
    const run = this.#rows.take();
    if (run >= this.#node.length) this.#grow(run + 1);
    this.#node[run] = node;
    this.#target[run] = target;
    this.#end[run] = end;
    return run;
  }

  #grow(rows: number): void {
    this.#node = growColumn(this.#node, rows);
    this.#target = growColumn(this.#target, rows);
    this.#end = growColumn(this.#end, rows);
    this.#untilNs = growColumn(this.#untilNs, rows);
    this.#nearer = growColumn(this.#nearer, rows);
    this.#farther = growColumn(this.#farther, rows);
    this.#older = growColumn(this.#older, rows);
    this.#newer = growColumn(this.#newer, rows);
    this.#list = growColumn(this.#list, rows);
  }

  #reserve(target: number, list: number): void {
    if (target >= this.#targets) {
      this.#targets = target + 1;
      this.#blocks = growColumn(this.#blocks, this.#targets);
    }
    const lists = this.#oldest.length;
    if (list < lists) return;
    this.#oldest = growColumn(this.#oldest, list + 1).fill(-1, lists);
    this.#newest = growColumn(this.#newest, list + 1).fill(-1, lists);
  }
}
