import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { BlockForest } from './block-forest.ts';

/** Where a prompt ends in the forest. −1 as leaf means that it has no full block. */
export interface PromptPath {
  leaf: number;
  leafBlocks: number;
}

/**
 * Prompts without tokens: every prompt is a path in a forest of extents, and an extent is a run of
 * engine blocks that always travel together.
 *
 *     prompt 1   ├── node 0: 13 units ──────────┤
 *     prompt 2   ├ 1 unit ┤── node 1: 14 units ──────┤        attach[1] = 1 unit of node 0
 *
 * A prompt that leaves an extent half-way does not split it: its own extent hangs at that offset
 * inside the parent (`attach`), so nodes never move and users of a node only remember how many
 * blocks of it they use. The unit in which a trace names content (512 tokens in Mooncake's files)
 * may be several engine blocks long; a block's content is then known by its unit and its position.
 *
 *     parent[node]    node above, −1 = root
 *     attach[node]    blocks of the parent that precede this node
 *     length[node]    engine blocks in it
 *     start[node]     blocks from the root to its first block
 *     idsAt[node]     its first unit in #ids; units follow in order
 *     refs[node]      children, residencies and prompts that hold it; at 0 it is freed
 *     serial[node]    how many nodes had been planted with it: tells the users of one id apart
 */
export class PromptForest implements BlockForest {
  parent: Int32Array<ArrayBuffer> = new Int32Array(64);
  attach: Int32Array<ArrayBuffer> = new Int32Array(64);
  length: Int32Array<ArrayBuffer> = new Int32Array(64);
  serial: Float64Array<ArrayBuffer> = new Float64Array(64);
  readonly unitBlocks: number;
  /** Hears of a node that is about to be freed, while its content ids can still be read. */
  onFree: ((node: number) => void) | undefined;
  #planted = 0;
  #start = new Int32Array(64);
  #idsAt = new Int32Array(64);
  #refs = new Int32Array(64);
  #branch = new Int32Array(64);
  #ids = new Uint32Array(1024);
  #idsUsed = 0;
  #idsDead = 0;
  readonly #rows = new RowAllocator(64);
  /** (node + 1, block offset) → branch; the root's branch is (0, 0). */
  readonly #branches = new PairMap();
  readonly #branchRows = new RowAllocator();
  #branchNode = new Int32Array(16);
  #branchOffset = new Int32Array(16);
  #branchChildren = new Int32Array(16);
  /** (branch, unit id) → node. */
  readonly #children = new PairMap();

  /** @param unitBlocks engine blocks that one content id covers. */
  constructor(unitBlocks: number) {
    assert(Number.isInteger(unitBlocks) && unitBlocks > 0, `bad unit of ${unitBlocks} blocks`);
    this.unitBlocks = unitBlocks;
  }

  /** Nodes alive. */
  get nodes(): number {
    return this.#rows.used;
  }

  /** Blocks from the root to the end of a path. */
  depth(leaf: number, leafBlocks: number): number {
    return leaf < 0 ? 0 : this.#start[leaf]! + leafBlocks;
  }

  /**
   * Finds or plants the path of a prompt whose first `blocks` full blocks have the content
   * ids[from], ids[from + 1], …, one id per unit. The path's leaf is held for the caller, who gives
   * it back through `release`.
   */
  intern(ids: Uint32Array, from: number, blocks: number, out: PromptPath): void {
    const unit = this.unitBlocks;
    let node = -1;
    let position = 0;
    while (position < blocks) {
      const id = ids[from + Math.floor(position / unit)]!;
      const child = this.#childAt(node, position - this.#startOf(node), id);
      if (child < 0) {
        node = this.#plant(node, position, ids, from, blocks - position);
        position = blocks;
        break;
      }
      node = child;
      position = this.#follow(node, position, ids, from, blocks);
    }
    out.leaf = node;
    out.leafBlocks = position - this.#startOf(node);
    if (node >= 0) this.retain(node);
  }

  /** Where the first `blocks` blocks of the path to `leaf` end; it has at least as many. */
  prefix(leaf: number, blocks: number, out: PromptPath): void {
    let node = blocks === 0 ? -1 : leaf;
    while (node >= 0 && this.#start[node]! >= blocks) node = this.parent[node]!;
    out.leaf = node;
    out.leafBlocks = node < 0 ? 0 : blocks - this.#start[node]!;
  }

  /** A node of `length` blocks below a path whose content nobody else can name: generated tokens. */
  plantPrivate(leaf: number, leafBlocks: number, length: number): number {
    const node = this.#newNode(leaf, leafBlocks, length);
    this.#branch[node] = -1;
    this.#idsAt[node] = -1;
    return node;
  }

  /** Whether a node holds generated tokens, which no trace can name. */
  isPrivate(node: number): boolean {
    return this.#branch[node] === -1;
  }

  /** Content ids of the nodes, one a unit; see `contentAt` and `contentUnits`. */
  get contentIds(): Uint32Array {
    return this.#ids;
  }

  /** Where in `contentIds` those of a node begin; −1 = nobody can name it. */
  contentAt(node: number): number {
    return this.#idsAt[node]!;
  }

  /** Units that a node touches. */
  contentUnits(node: number): number {
    return this.#unitsOf(node);
  }

  /** Holds a node: it is not freed before the matching `release`. */
  retain(node: number): void {
    this.#refs[node]!++;
  }

  /** Lets go of a node; nodes that nobody holds are freed, and their parents with them. */
  release(node: number): void {
    let at = node;
    while (at >= 0 && --this.#refs[at]! === 0) {
      const parent = this.parent[at]!;
      this.#free(at);
      at = parent;
    }
  }

  #startOf(node: number): number {
    return node < 0 ? 0 : this.#start[node]!;
  }

  #childAt(node: number, offset: number, id: number): number {
    const branch = this.#branches.get(node + 1, offset);
    return branch < 0 ? -1 : this.#children.get(branch, id);
  }

  /** The position at which the prompt leaves `node`, or its end, or the node's. */
  #follow(node: number, from: number, ids: Uint32Array, idsFrom: number, blocks: number): number {
    const unit = this.unitBlocks;
    const end = Math.min(blocks, this.#start[node]! + this.length[node]!);
    const base = this.#idsAt[node]! - Math.floor(this.#start[node]! / unit);
    let position = from;
    while (position < end) {
      const index = Math.floor(position / unit);
      if (this.#ids[base + index] !== ids[idsFrom + index]) break;
      position = Math.min(end, (index + 1) * unit);
    }
    return position;
  }

  #plant(
    parent: number,
    position: number,
    ids: Uint32Array,
    idsFrom: number,
    length: number,
  ): number {
    const unit = this.unitBlocks;
    const node = this.#newNode(parent, position - this.#startOf(parent), length);
    const first = Math.floor(position / unit);
    const units = Math.floor((position + length - 1) / unit) - first + 1;
    this.#ids = growColumn(this.#ids, this.#idsUsed + units);
    this.#idsAt[node] = this.#idsUsed;
    for (let index = 0; index < units; index++) {
      this.#ids[this.#idsUsed + index] = ids[idsFrom + first + index]!;
    }
    this.#idsUsed += units;
    const branch = this.#openBranch(parent, this.attach[node]!);
    this.#branch[node] = branch;
    this.#branchChildren[branch]!++;
    this.#children.set(branch, ids[idsFrom + first]!, node);
    return node;
  }

  #openBranch(node: number, offset: number): number {
    const known = this.#branches.get(node + 1, offset);
    if (known >= 0) return known;
    const branch = this.#branchRows.take();
    this.#branchNode = growColumn(this.#branchNode, branch + 1);
    this.#branchOffset = growColumn(this.#branchOffset, branch + 1);
    this.#branchChildren = growColumn(this.#branchChildren, branch + 1);
    this.#branchNode[branch] = node;
    this.#branchOffset[branch] = offset;
    this.#branchChildren[branch] = 0;
    this.#branches.set(node + 1, offset, branch);
    return branch;
  }

  #newNode(parent: number, attach: number, length: number): number {
    const node = this.#rows.take();
    if (node >= this.parent.length) this.#grow(node + 1);
    this.parent[node] = parent;
    this.attach[node] = attach;
    this.length[node] = length;
    this.serial[node] = ++this.#planted;
    this.#start[node] = this.#startOf(parent) + attach;
    this.#refs[node] = 0;
    if (parent >= 0) this.#refs[parent]!++;
    return node;
  }

  #free(node: number): void {
    this.onFree?.(node);
    const branch = this.#branch[node]!;
    if (branch >= 0) {
      this.#children.delete(branch, this.#ids[this.#idsAt[node]!]!);
      if (--this.#branchChildren[branch]! === 0) {
        this.#branches.delete(this.#branchNode[branch]! + 1, this.#branchOffset[branch]!);
        this.#branchRows.give(branch);
      }
      this.#idsDead += this.#unitsOf(node);
    }
    this.#rows.give(node);
    this.#refs[node] = -1;
    if (this.#idsDead > 65_536 && this.#idsDead * 2 > this.#idsUsed) this.#compactIds();
  }

  #unitsOf(node: number): number {
    const first = Math.floor(this.#start[node]! / this.unitBlocks);
    const last = Math.floor((this.#start[node]! + this.length[node]! - 1) / this.unitBlocks);
    return last - first + 1;
  }

  /** Closes the gaps that freed nodes left among the ids. Every node's ids move as one piece. */
  #compactIds(): void {
    const packed = new Uint32Array(Math.max(1024, 2 * (this.#idsUsed - this.#idsDead)));
    let used = 0;
    for (let node = 0; node < this.parent.length; node++) {
      if (this.#refs[node]! <= 0 || this.#branch[node]! < 0) continue;
      const at = this.#idsAt[node]!;
      const units = this.#unitsOf(node);
      packed.set(this.#ids.subarray(at, at + units), used);
      this.#idsAt[node] = used;
      used += units;
    }
    this.#ids = packed;
    this.#idsUsed = used;
    this.#idsDead = 0;
  }

  #grow(rows: number): void {
    this.parent = growColumn(this.parent, rows);
    this.attach = growColumn(this.attach, rows);
    this.length = growColumn(this.length, rows);
    this.serial = growColumn(this.serial, rows);
    this.#start = growColumn(this.#start, rows);
    this.#idsAt = growColumn(this.#idsAt, rows);
    this.#refs = growColumn(this.#refs, rows);
    this.#branch = growColumn(this.#branch, rows);
  }
}
