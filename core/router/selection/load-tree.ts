import { assert } from '#core/base/assert.ts';

/** A walk keeps at most one subtree waiting per level, and target ids have fewer than 31 bits. */
const MAX_DEPTH = 32;

/**
 * A tournament over the targets' load keys: the smallest key, how many targets share it, and the
 * n-th of those, each in O(log targets). Leaf `leaves + target` holds one target; an absent target
 * has the key +Infinity.
 *
 *     #key[node]    smallest key below the node; the children of n are 2n and 2n + 1, the root is 1
 *     #ties[node]   leaves below that have this key; 0 where no target is present
 *     #waiting[i]   subtrees that the walk has passed by and may still enter, i < #waitingCount
 */
export class LoadTree {
  #leaves = 1;
  #key = new Float64Array(2).fill(Infinity);
  #ties = new Int32Array(2);
  readonly #waiting = new Int32Array(MAX_DEPTH);
  #waitingCount = 0;

  /** The smallest key, +Infinity when no target is present. */
  get minimum(): number {
    return this.#key[1]!;
  }

  /** How many targets have the smallest key. */
  get ties(): number {
    return this.#ties[1]!;
  }

  /** Sets the target's key, which adds it when it was absent. */
  set(target: number, key: number): void {
    assert(key < Infinity, 'a load key must be a number');
    if (target >= this.#leaves) this.#grow(target + 1);
    this.#put(target, key, 1);
  }

  /** Takes the target out. */
  delete(target: number): void {
    if (target < this.#leaves) this.#put(target, Infinity, 0);
  }

  /** The n-th target with the smallest key, in the order of their ids; 0 ≤ n < ties. */
  tied(n: number): number {
    const ties = this.#ties;
    const key = this.#key;
    const minimum = key[1]!;
    assert(n >= 0 && n < ties[1]!, 'there are not so many ties');
    let node = 1;
    let rest = n;
    while (node < this.#leaves) {
      node *= 2;
      const left = key[node] === minimum ? ties[node]! : 0;
      if (rest >= left) {
        rest -= left;
        node++;
      }
    }
    return node - this.#leaves;
  }

  /**
   * Writes every target whose key is at most `bound` into `out`, in the order of their ids, and
   * returns how many. Costs O(found · log targets).
   */
  collect(bound: number, out: Int32Array): number {
    return this.#collectBelow(1, bound, out, 0);
  }

  /** Starts a walk over the targets; what an earlier one has left is forgotten. */
  startWalk(): void {
    this.#waiting[0] = 1;
    this.#waitingCount = 1;
  }

  /**
   * The walk's next target whose key is at most `bound`, or −1 at its end. It goes to the side of
   * the smaller key first, so that a bound that falls with what is found cuts most of the tree off;
   * bounds must not rise during a walk, and no key may change. Costs O(log targets) a target.
   */
  next(bound: number): number {
    const key = this.#key;
    const ties = this.#ties;
    const waiting = this.#waiting;
    while (this.#waitingCount > 0) {
      this.#waitingCount--;
      let node = waiting[this.#waitingCount]!;
      if (ties[node] === 0 || key[node]! > bound) continue;
      while (node < this.#leaves) {
        const left = 2 * node;
        const near = key[left + 1]! < key[left]! ? left + 1 : left;
        waiting[this.#waitingCount] = near ^ 1;
        this.#waitingCount++;
        node = near;
      }
      return node - this.#leaves;
    }
    return -1;
  }

  #collectBelow(node: number, bound: number, out: Int32Array, found: number): number {
    if (this.#ties[node] === 0 || this.#key[node]! > bound) return found;
    if (node >= this.#leaves) {
      out[found] = node - this.#leaves;
      return found + 1;
    }
    const afterLeft = this.#collectBelow(2 * node, bound, out, found);
    return this.#collectBelow(2 * node + 1, bound, out, afterLeft);
  }

  #put(target: number, leafKey: number, leafTies: number): void {
    const key = this.#key;
    const ties = this.#ties;
    let node = this.#leaves + target;
    if (key[node] === leafKey && ties[node] === leafTies) return;
    key[node] = leafKey;
    ties[node] = leafTies;
    for (node >>= 1; node >= 1; node >>= 1) {
      const left = key[2 * node]!;
      const right = key[2 * node + 1]!;
      const least = Math.min(left, right);
      const count =
        (left === least ? ties[2 * node]! : 0) + (right === least ? ties[2 * node + 1]! : 0);
      if (key[node] === least && ties[node] === count) return;
      key[node] = least;
      ties[node] = count;
    }
  }

  #grow(targets: number): void {
    const oldKey = this.#key;
    const oldTies = this.#ties;
    const oldLeaves = this.#leaves;
    let leaves = oldLeaves;
    while (leaves < targets) leaves *= 2;
    this.#leaves = leaves;
    this.#key = new Float64Array(2 * leaves).fill(Infinity);
    this.#ties = new Int32Array(2 * leaves);
    for (let target = 0; target < oldLeaves; target++) {
      if (oldTies[oldLeaves + target] === 0) continue;
      this.#put(target, oldKey[oldLeaves + target]!, 1);
    }
  }
}
