import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { EvictionPolicy } from '../policy.ts';

/**
 * Leaves go before their parents; among leaves the one whose last holder left longest ago. A block
 * that becomes a leaf again competes with the tick at which it was inserted. A row is a hash.
 *
 *     #block[hash]      the waiting block that carries it + 1, 0 = none
 *     #parent[hash]     its parent's hash, −1 = none
 *     #tick[hash]       counts insertions: when it came
 *     #children[hash]   waiting blocks that name it as parent; it may itself not be waiting
 *     #hashOf[block]    the hash of a waiting block
 *     #leaves           hashes of waiting blocks without waiting children, by tick
 */
export class LineageEviction implements EvictionPolicy {
  #block = new Int32Array(16);
  #parent = new Int32Array(16);
  #tick = new Float64Array(16);
  #children = new Int32Array(16);
  readonly #hashOf: Int32Array<ArrayBuffer>;
  readonly #leaves = new IndexedHeap();
  #size = 0;
  #ticks = 0;

  constructor(blocks: number) {
    this.#hashOf = new Int32Array(blocks).fill(-1);
  }

  get size(): number {
    return this.#size;
  }

  insert(block: number, hash: number, parent: number): void {
    assert(parent !== hash, `hash ${hash} cannot be its own parent`);
    this.#reach(Math.max(hash, parent) + 1);
    assert(this.#block[hash] === 0, `hash ${hash} is waiting already`);
    this.#block[hash] = block + 1;
    this.#parent[hash] = parent;
    this.#tick[hash] = this.#ticks++;
    this.#hashOf[block] = hash;
    this.#size++;
    if (this.#children[hash] === 0) this.#leaves.push(hash, this.#tick[hash]!);
    if (parent < 0) return;
    this.#children[parent]!++;
    if (this.#leaves.has(parent)) this.#leaves.remove(parent);
  }

  remove(block: number): void {
    const hash = this.#hashOf[block]!;
    assert(hash >= 0, `block ${block} is not in the policy`);
    if (this.#leaves.has(hash)) this.#leaves.remove(hash);
    this.#takeOut(hash);
  }

  touch(): void {}

  nextVictim(): number {
    const hash = this.#leaves.pop();
    const block = this.#block[hash]! - 1;
    this.#takeOut(hash);
    return block;
  }

  /** Takes a hash that is not among the leaves any more out; its parent may become a leaf. */
  #takeOut(hash: number): void {
    const parent = this.#parent[hash]!;
    this.#hashOf[this.#block[hash]! - 1] = -1;
    this.#block[hash] = 0;
    this.#size--;
    if (parent < 0) return;
    this.#children[parent]!--;
    if (this.#children[parent] === 0 && this.#block[parent]! > 0) {
      this.#leaves.push(parent, this.#tick[parent]!);
    }
  }

  #reach(hashes: number): void {
    this.#block = growColumn(this.#block, hashes);
    this.#parent = growColumn(this.#parent, hashes);
    this.#tick = growColumn(this.#tick, hashes);
    this.#children = growColumn(this.#children, hashes);
  }
}
