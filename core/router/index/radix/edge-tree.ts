import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';

/** The root: it has no blocks and no owner, and is never freed. */
export const ROOT = 0;

/**
 * A compressed prefix tree over local block hashes. A node is the edge that leads to it: a chain of
 * blocks without a branch. Nodes and blocks are rows; freed rows of each kind form a list.
 *
 *     parent[node]                   the node above, −1 for the root
 *     first[node], last[node]        its first and last block, −1 for the root
 *     length[node]                   blocks in it
 *     child[node]                    its first child, −1 = none
 *     sibling[node], before[node]    the parent's next and previous child, −1 = none;
 *                                    freed: sibling = the next free node
 *     local[block]                   hash of the block's tokens, interned
 *     external[block]                the engine's name of the block with its prefix, interned
 *     node[block], offset[block]     where the block stands
 *     next[block]                    the next block of the same node, −1 = last;
 *                                    freed: the next free block
 */
export class EdgeTree {
  parent = new Int32Array(16).fill(-1);
  first = new Int32Array(16).fill(-1);
  last = new Int32Array(16).fill(-1);
  length = new Int32Array(16);
  child = new Int32Array(16).fill(-1);
  sibling = new Int32Array(16).fill(-1);
  before = new Int32Array(16).fill(-1);
  local = new Int32Array(64);
  external = new Int32Array(64);
  node = new Int32Array(64);
  offset = new Int32Array(64);
  next = new Int32Array(64);
  readonly #children = new PairMap();
  #freshNode = 1;
  #freeNode = -1;
  #freshBlock = 0;
  #freeBlock = -1;

  /** Rows from here on have never been a node. */
  get nodeLimit(): number {
    return this.#freshNode;
  }

  /** The child of the node whose first block has the local hash, or −1. */
  childOf(node: number, local: number): number {
    return this.#children.get(node, local);
  }

  /** Adds a child without blocks; its first block must follow at once. Returns its row. */
  addChild(parent: number, local: number): number {
    const node = this.#takeNode();
    this.first[node] = -1;
    this.last[node] = -1;
    this.length[node] = 0;
    this.child[node] = -1;
    this.#link(parent, node, local);
    return node;
  }

  /** Appends a block to a node; returns its row. */
  append(node: number, local: number, external: number): number {
    const block = this.#takeBlock();
    this.local[block] = local;
    this.external[block] = external;
    this.node[block] = node;
    this.offset[block] = this.length[node]!;
    this.next[block] = -1;
    if (this.last[node]! >= 0) this.next[this.last[node]!] = block;
    else this.first[node] = block;
    this.last[node] = block;
    this.length[node]! += 1;
    return block;
  }

  /**
   * Splits a node before its block at `offset`, 0 < offset < length. The blocks before it move to a
   * new node above, whose only child is the old one. Returns the new node.
   */
  split(node: number, offset: number): number {
    const parent = this.parent[node]!;
    const head = this.first[node]!;
    this.#unlink(node, this.local[head]!);
    const upper = this.addChild(parent, this.local[head]!);
    let block = head;
    let tail = head;
    for (let place = 0; place < offset; place++) {
      this.node[block] = upper;
      tail = block;
      block = this.next[block]!;
    }
    this.next[tail] = -1;
    this.first[upper] = head;
    this.last[upper] = tail;
    this.length[upper] = offset;
    this.first[node] = block;
    this.length[node]! -= offset;
    this.#link(upper, node, this.local[block]!);
    for (; block >= 0; block = this.next[block]!) this.offset[block]! -= offset;
    return upper;
  }

  /** Frees a node without children, with its blocks; not for the root. */
  free(node: number): void {
    const head = this.first[node]!;
    this.#unlink(node, this.local[head]!);
    this.next[this.last[node]!] = this.#freeBlock;
    this.#freeBlock = head;
    this.sibling[node] = this.#freeNode;
    this.#freeNode = node;
    this.parent[node] = -1;
  }

  #link(parent: number, node: number, local: number): void {
    const sibling = this.child[parent]!;
    this.parent[node] = parent;
    this.before[node] = -1;
    this.sibling[node] = sibling;
    if (sibling >= 0) this.before[sibling] = node;
    this.child[parent] = node;
    this.#children.set(parent, local, node);
  }

  #unlink(node: number, local: number): void {
    const parent = this.parent[node]!;
    const sibling = this.sibling[node]!;
    const before = this.before[node]!;
    if (before >= 0) this.sibling[before] = sibling;
    else this.child[parent] = sibling;
    if (sibling >= 0) this.before[sibling] = before;
    this.#children.delete(parent, local);
  }

  #takeNode(): number {
    const freed = this.#freeNode;
    if (freed >= 0) {
      this.#freeNode = this.sibling[freed]!;
      return freed;
    }
    const node = this.#freshNode++;
    this.parent = growColumn(this.parent, node + 1);
    this.first = growColumn(this.first, node + 1);
    this.last = growColumn(this.last, node + 1);
    this.length = growColumn(this.length, node + 1);
    this.child = growColumn(this.child, node + 1);
    this.sibling = growColumn(this.sibling, node + 1);
    this.before = growColumn(this.before, node + 1);
    return node;
  }

  #takeBlock(): number {
    const freed = this.#freeBlock;
    if (freed >= 0) {
      this.#freeBlock = this.next[freed]!;
      return freed;
    }
    const block = this.#freshBlock++;
    this.local = growColumn(this.local, block + 1);
    this.external = growColumn(this.external, block + 1);
    this.node = growColumn(this.node, block + 1);
    this.offset = growColumn(this.offset, block + 1);
    this.next = growColumn(this.next, block + 1);
    return block;
  }
}
