import { growColumn } from '#core/base/columns.ts';
import type { FlowTable } from './flow-table.ts';

/**
 * The flows of every bundle by ascending (target, subject): one pairing heap a bundle, all in the
 * same columns, so that a flow is added in constant time and taken out of the middle in logarithmic
 * (amortised) without memory of its own (Fredman, Sedgewick, Sleator, Tarjan 1986).
 *
 *     #child[flow]   first of those directly below, −1 = none
 *     #next[flow]    the next one below the same flow, −1 = last
 *     #back[flow]    the one before it below the same flow, or that flow itself; −1 = root
 *
 * A heap is known by its root; −1 is the empty heap.
 */
export class FlowHeap {
  readonly #flows: FlowTable;
  #child = new Int32Array(16);
  #next = new Int32Array(16);
  #back = new Int32Array(16);

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** Adds a flow and returns the new root. */
  add(root: number, flow: number): number {
    this.#child = growColumn(this.#child, flow + 1);
    this.#next = growColumn(this.#next, flow + 1);
    this.#back = growColumn(this.#back, flow + 1);
    this.#child[flow] = -1;
    this.#next[flow] = -1;
    this.#back[flow] = -1;
    return root < 0 ? flow : this.#meld(root, flow);
  }

  /** Takes a flow out and returns the new root. */
  remove(root: number, flow: number): number {
    const below = this.#pairUp(this.#child[flow]!);
    if (flow === root) return below;
    const back = this.#back[flow]!;
    const next = this.#next[flow]!;
    if (this.#child[back] === flow) this.#child[back] = next;
    else this.#next[back] = next;
    if (next >= 0) this.#back[next] = back;
    return below < 0 ? root : this.#meld(root, below);
  }

  /** Makes one heap of the siblings that begin with `first`: pairs from the front, then all of them. */
  #pairUp(first: number): number {
    let pairs = -1;
    let at = first;
    while (at >= 0) {
      const other = this.#next[at]!;
      const rest = other < 0 ? -1 : this.#next[other]!;
      const pair = other < 0 ? at : this.#meld(at, other);
      this.#next[pair] = pairs;
      pairs = pair;
      at = rest;
    }
    let root = -1;
    while (pairs >= 0) {
      const rest = this.#next[pairs]!;
      root = root < 0 ? pairs : this.#meld(root, pairs);
      pairs = rest;
    }
    if (root >= 0) {
      this.#next[root] = -1;
      this.#back[root] = -1;
    }
    return root;
  }

  /** The lesser of two roots takes the other one below it, as its first. */
  #meld(one: number, other: number): number {
    const above = this.#precedes(other, one) ? other : one;
    const below = above === one ? other : one;
    const child = this.#child[above]!;
    this.#next[below] = child;
    if (child >= 0) this.#back[child] = below;
    this.#back[below] = above;
    this.#child[above] = below;
    return above;
  }

  #precedes(flow: number, other: number): boolean {
    const { target, subject } = this.#flows;
    const left = target[flow]!;
    const right = target[other]!;
    return left === right ? subject[flow]! < subject[other]! : left < right;
  }
}
