import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { ErrorCode } from '#core/base/errors.ts';
import { PairMap } from '#core/base/pair-map.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { OwnerLists } from '../owner-lists.ts';
import type { PrefixMatch } from '../prefix-match.ts';
import { PromptPath } from '../prompt-path.ts';
import { EdgeTree, ROOT } from './edge-tree.ts';

/** A stored event of a dump: the first `blocks` of a node that a target holds. */
export interface DumpedStore {
  readonly target: number;
  /** External hash of the block before, −1 = at the root. */
  readonly parent: number;
  readonly locals: readonly number[];
  readonly externals: readonly number[];
}

/** An event of a dump that the index could not take. */
export interface RefusedStore {
  readonly event: DumpedStore;
  readonly code: ErrorCode;
}

/**
 * Which targets hold which prefixes, kept from the KV events of live engines. Local hashes name a
 * block's tokens and make the path; external hashes are the engine's own names, by which its events
 * refer to parents and removed blocks. Both are interned to integers by the caller.
 *
 * The owners of a node hold a leading part of it (`covered` in the owner lists). A name of a target
 * always points at a block that the target covers, but a covered block need not have a name.
 *
 * Methods return a stable error code where an event cannot be applied, undefined where it was.
 */
export class RadixIndex {
  readonly #tree = new EdgeTree();
  readonly #lists = new OwnerLists();
  readonly #names = new PairMap();
  readonly #path = new PromptPath();
  #rows = new Int32Array(16);
  #targets = 0;

  /** Blocks named by targets, counted once a target. */
  get namedBlocks(): number {
    return this.#names.size;
  }

  /**
   * The target stored `count` blocks after the block named `parent` (−1 = at the root). A parent
   * that this target does not hold is `index_parent_not_found`, a first block that is its own
   * parent `index_invalid_sequence`; either way nothing is stored. Blocks that are there already
   * keep their external hash.
   */
  store(
    target: number,
    parent: number,
    locals: ArrayLike<number>,
    externals: ArrayLike<number>,
    count: number,
  ): ErrorCode | undefined {
    assert(target >= 0, 'a target id is not negative');
    if (target >= this.#targets) this.#targets = target + 1;
    if (parent >= 0 && count > 0 && externals[0] === parent) return 'index_invalid_sequence';
    let node = ROOT;
    let offset = 0;
    if (parent >= 0) {
      const row = this.#names.get(target, parent);
      if (row < 0) return 'index_parent_not_found';
      node = this.#tree.node[row]!;
      offset = this.#tree.offset[row]! + 1;
    }
    let block = -1;
    for (let index = 0; index < count; index++) {
      block = this.#step(node, offset, locals[index]!, externals[index]!);
      node = this.#tree.node[block]!;
      offset = this.#tree.offset[block]! + 1;
      this.#cover(target, node, offset);
      if (this.#tree.external[block] === externals[index]) {
        this.#names.set(target, externals[index]!, block);
      }
    }
    return undefined;
  }

  /**
   * The target removed blocks. Each cuts what the target holds of that node before the block;
   * nodes further down stay held, though out of reach. Unknown names are `index_block_not_found`
   * and do not keep the others from being removed.
   */
  remove(target: number, externals: ArrayLike<number>, count: number): ErrorCode | undefined {
    this.#rows = growColumn(this.#rows, count);
    let known = 0;
    for (let index = 0; index < count; index++) {
      const row = this.#names.get(target, externals[index]!);
      if (row >= 0) this.#rows[known++] = row;
    }
    // All names are looked up first: a cut forgets names that the same event may list later.
    for (let index = 0; index < known; index++) {
      const row = this.#rows[index]!;
      const node = this.#tree.node[row]!;
      const slot = this.#lists.find(node, target);
      if (slot >= 0 && this.#tree.offset[row]! < this.#lists.covered[slot]!) {
        this.#cut(target, node, slot, row);
      }
    }
    for (let index = 0; index < known; index++) this.#prune(this.#tree.node[this.#rows[index]!]!);
    return known === count ? undefined : 'index_block_not_found';
  }

  /** The target holds nothing any more, or is gone. Costs one look-up per node. */
  removeTarget(target: number): void {
    const tree = this.#tree;
    for (let node = 1; node < tree.nodeLimit; node++) {
      const slot = this.#lists.find(node, target);
      if (slot >= 0) this.#cut(target, node, slot, tree.first[node]!);
    }
    for (let node = 1; node < tree.nodeLimit; node++) this.#prune(node);
  }

  /** Fills `match` with the leading blocks that each target holds of the given local hashes. */
  match(locals: ArrayLike<number>, count: number, match: PrefixMatch): void {
    this.#fillPath(locals, count);
    match.reserve(this.#targets);
    match.fill(this.#lists, this.#path);
  }

  /**
   * What is held, as stored events: breadth first, children by local hash, owners by id. Applied in
   * this order to an empty index they give the same matches; an event whose parent was removed is
   * refused there, as the blocks were out of reach here.
   */
  dump(): DumpedStore[] {
    const tree = this.#tree;
    const events: DumpedStore[] = [];
    const queue = this.#sortedChildren(ROOT);
    for (let place = 0; place < queue.length; place++) {
      const node = queue[place]!;
      const above = tree.parent[node]!;
      const parent = above === ROOT ? -1 : tree.external[tree.last[above]!]!;
      for (const target of this.#sortedOwners(node)) {
        events.push(this.#dumpOwner(node, parent, target));
      }
      queue.push(...this.#sortedChildren(node));
    }
    return events;
  }

  /**
   * Applies a dump; events that cannot be applied are left out. Gives the number of events, or the
   * first that was refused and why.
   */
  load(events: readonly DumpedStore[]): Result<number, RefusedStore> {
    let refused: RefusedStore | undefined;
    for (const event of events) {
      const { target, parent, locals, externals } = event;
      const code = this.store(target, parent, locals, externals, locals.length);
      if (code !== undefined) refused ??= { event, code };
    }
    return refused === undefined ? ok(events.length) : err(refused);
  }

  /** The block that follows position (node, offset) and has the local hash; made if need be. */
  #step(node: number, offset: number, local: number, external: number): number {
    const tree = this.#tree;
    if (offset < tree.length[node]!) {
      const block = this.#blockAt(node, offset);
      if (tree.local[block] === local) return block;
      const upper = this.#split(node, offset);
      return tree.append(tree.addChild(upper, local), local, external);
    }
    const child = tree.childOf(node, local);
    if (child >= 0) return tree.first[child]!;
    // A sole continuation makes the edge longer; a second one starts an edge of its own.
    if (node !== ROOT && tree.child[node]! < 0) return tree.append(node, local, external);
    return tree.append(tree.addChild(node, local), local, external);
  }

  #blockAt(node: number, offset: number): number {
    let block = this.#tree.first[node]!;
    for (let place = 0; place < offset; place++) block = this.#tree.next[block]!;
    return block;
  }

  #cover(target: number, node: number, blocks: number): void {
    const lists = this.#lists;
    let slot = lists.find(node, target);
    if (slot < 0) {
      slot = lists.insert(node, target);
      lists.covered[slot] = 0;
    }
    if (blocks > lists.covered[slot]!) lists.covered[slot] = blocks;
  }

  /** Splits a node in the tree and divides what its owners hold. Returns the node above. */
  #split(node: number, offset: number): number {
    const lists = this.#lists;
    const upper = this.#tree.split(node, offset);
    for (let place = lists.size(node) - 1; place >= 0; place--) {
      const slot = lists.start(node) + place;
      const target = lists.owner[slot]!;
      const covered = lists.covered[slot]!;
      if (covered > offset) lists.covered[slot] = covered - offset;
      else lists.eraseAt(node, slot);
      const upperSlot = lists.insert(upper, target);
      lists.covered[upperSlot] = Math.min(covered, offset);
    }
    this.#prune(node);
    return upper;
  }

  /** The target no longer holds `block` and what follows it in the node; forgets their names. */
  #cut(target: number, node: number, slot: number, block: number): void {
    const tree = this.#tree;
    const lists = this.#lists;
    const keep = tree.offset[block]!;
    let row = block;
    for (let place = keep; place < lists.covered[slot]!; place++) {
      const external = tree.external[row]!;
      if (this.#names.get(target, external) === row) this.#names.delete(target, external);
      row = tree.next[row]!;
    }
    if (keep === 0) lists.eraseAt(node, slot);
    else lists.covered[slot] = keep;
  }

  /** Frees the node and those above it as long as nobody owns them and nothing hangs below. */
  #prune(from: number): void {
    const tree = this.#tree;
    let node = from;
    while (node !== ROOT && tree.parent[node]! >= 0) {
      if (this.#lists.size(node) > 0 || tree.child[node]! >= 0) return;
      const parent = tree.parent[node]!;
      tree.free(node);
      node = parent;
    }
  }

  #fillPath(locals: ArrayLike<number>, count: number): void {
    const tree = this.#tree;
    const path = this.#path;
    path.clear();
    let node = ROOT;
    for (let matched = 0; matched < count; ) {
      node = tree.childOf(node, locals[matched]!);
      if (node < 0) return;
      let need = 0;
      let block = tree.first[node]!;
      while (block >= 0 && matched < count && tree.local[block] === locals[matched]) {
        need++;
        matched++;
        block = tree.next[block]!;
      }
      path.push(node, need);
      if (block >= 0) return;
    }
  }

  #sortedChildren(node: number): number[] {
    const tree = this.#tree;
    const children: number[] = [];
    for (let child = tree.child[node]!; child >= 0; child = tree.sibling[child]!) {
      children.push(child);
    }
    return children.sort((a, b) => tree.local[tree.first[a]!]! - tree.local[tree.first[b]!]!);
  }

  #sortedOwners(node: number): Int32Array {
    const start = this.#lists.start(node);
    return this.#lists.owner.slice(start, start + this.#lists.size(node)).sort();
  }

  #dumpOwner(node: number, parent: number, target: number): DumpedStore {
    const tree = this.#tree;
    const covered = this.#lists.covered[this.#lists.find(node, target)]!;
    const locals: number[] = [];
    const externals: number[] = [];
    let block = tree.first[node]!;
    for (let place = 0; place < covered; place++) {
      locals.push(tree.local[block]!);
      externals.push(tree.external[block]!);
      block = tree.next[block]!;
    }
    return { target, parent, locals, externals };
  }
}
