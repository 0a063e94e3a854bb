import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';
import type { ErrorCode } from '#core/base/errors.ts';
import { PairMap } from '#core/base/pair-map.ts';
import { OwnerLists } from '../owner-lists.ts';

/** The parent of a block at the root. */
export const CHAIN_ROOT = -1;

/**
 * One tier below device memory as the events of live engines tell it: which targets hold the block
 * that follows a parent with given content. Local hashes name a block's content, external hashes are
 * the engine's own names; both are interned to integers ≥ 0 by the caller. A block is known by its
 * parent alone, so that a chain may begin in the middle of a prompt.
 *
 *     #edges[(parent + 1, local)]   the edge's row
 *     #child[edge]                  external hash of the block that it leads to
 *     #parent, #local[edge]         its key
 *     #into[external]               edges that lead to the block
 *     owners of an edge             targets that hold the block
 */
export class ChainTier {
  readonly #edges = new PairMap();
  readonly #rows = new RowAllocator();
  readonly #owners = new OwnerLists();
  readonly #into = new Map<number, number[]>();
  #child = new Int32Array(64);
  #parent = new Int32Array(64);
  #local = new Int32Array(64);

  /** Edges with an owner. */
  get size(): number {
    return this.#rows.used;
  }

  /**
   * The target stored `count` blocks after the block named `parent`, CHAIN_ROOT = at the root; the
   * parent need not be held. Where another block has the place already it stays, and the rest of the
   * chain is dropped. Returns how many blocks were taken.
   */
  store(
    target: number,
    parent: number,
    locals: ArrayLike<number>,
    externals: ArrayLike<number>,
    count: number,
  ): number {
    assert(target >= 0, 'a target id is not negative');
    let from = parent;
    for (let index = 0; index < count; index++) {
      const external = externals[index]!;
      const known = this.#edges.get(from + 1, locals[index]!);
      if (known >= 0 && this.#child[known] !== external) return index;
      const edge = known >= 0 ? known : this.#open(from, locals[index]!, external);
      if (this.#owners.find(edge, target) < 0) {
        const slot = this.#owners.insert(edge, target);
        this.#owners.covered[slot] = 1;
      }
      from = external;
    }
    return count;
  }

  /**
   * The target removed blocks, in this order; the first that it does not hold ends the event with
   * `index_block_not_found`. Blocks behind a removed one stay, out of reach until it is back.
   */
  remove(target: number, externals: ArrayLike<number>, count: number): ErrorCode | undefined {
    for (let index = 0; index < count; index++) {
      if (!this.#removeBlock(target, externals[index]!)) return 'index_block_not_found';
    }
    return undefined;
  }

  /** Whether the target held the block, wherever it hangs. */
  #removeBlock(target: number, external: number): boolean {
    const edges = this.#into.get(external);
    if (edges === undefined) return false;
    let held = false;
    // From the end, because an edge whose last owner goes is taken out of the list.
    for (let place = edges.length - 1; place >= 0; place--) {
      const edge = edges[place]!;
      if (this.#owners.find(edge, target) < 0) continue;
      held = true;
      this.#drop(edge, target);
    }
    return held;
  }

  /** The target holds nothing in this tier. Costs a look at every edge. */
  clear(target: number): void {
    const edges = this.#rows.capacity;
    for (let edge = 0; edge < edges; edge++) {
      if (this.#owners.size(edge) > 0 && this.#owners.find(edge, target) >= 0) {
        this.#drop(edge, target);
      }
    }
  }

  /**
   * Walks the target's blocks of a prompt without a gap from a position on. `last` is the external
   * hash of the block before it; the walk ends behind `end`, where the next tier may go on.
   */
  walk(target: number, locals: ArrayLike<number>, count: number, end: ChainEnd): void {
    while (end.position < count) {
      const edge = this.#edges.get(end.last + 1, locals[end.position]!);
      if (edge < 0 || this.#owners.find(edge, target) < 0) return;
      end.last = this.#child[edge]!;
      end.position++;
    }
  }

  #open(parent: number, local: number, child: number): number {
    const edge = this.#rows.take();
    this.#child = growColumn(this.#child, edge + 1);
    this.#parent = growColumn(this.#parent, edge + 1);
    this.#local = growColumn(this.#local, edge + 1);
    this.#child[edge] = child;
    this.#parent[edge] = parent;
    this.#local[edge] = local;
    this.#edges.set(parent + 1, local, edge);
    const into = this.#into.get(child);
    if (into === undefined) this.#into.set(child, [edge]);
    else into.push(edge);
    return edge;
  }

  #drop(edge: number, target: number): void {
    this.#owners.eraseAt(edge, this.#owners.find(edge, target));
    if (this.#owners.size(edge) > 0) return;
    const child = this.#child[edge]!;
    const into = this.#into.get(child)!;
    if (into.length === 1) this.#into.delete(child);
    else into.splice(into.indexOf(edge), 1);
    this.#edges.delete(this.#parent[edge]! + 1, this.#local[edge]!);
    this.#rows.give(edge);
  }
}

/** How far a walk has come: blocks of the prompt, and the external hash of the last of them. */
export interface ChainEnd {
  position: number;
  /** CHAIN_ROOT at the beginning of the prompt. */
  last: number;
}
