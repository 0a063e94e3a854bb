import { growColumn, RowAllocator } from '#core/base/columns.ts';
import type { BlockForest } from './block-forest.ts';
import { chainInto } from './block-hash.ts';
import { HashRows } from './hash-rows.ts';
import { halvesOf, lowerAt, setBigInt, toBigInt, type U64 } from './u64.ts';

const register: U64 = { low: 0, high: 0 };

/**
 * Prompts that come as tokens, as paths in a forest: a node is one block, named by its sequence hash,
 * which names everything before it too. Public and keyed hashes serve alike, so whoever chooses the
 * hashes chooses which prompts count as equal: under keyed ones only those of the same key, model,
 * group and salt.
 *
 *     parent[node], attach[node], length[node]   see `BlockForest`; every length is 1
 *     hashes.low[node], hashes.high[node]        its sequence hash
 *     serial[node]                               how many nodes had been planted with it
 *     #refs[node]                                children and holders; at 0 it is freed
 */
export class HashForest implements BlockForest {
  parent: Int32Array<ArrayBuffer> = new Int32Array(64);
  attach: Int32Array<ArrayBuffer> = new Int32Array(64);
  length: Int32Array<ArrayBuffer> = new Int32Array(64);
  serial: Float64Array<ArrayBuffer> = new Float64Array(64);
  protected readonly hashes = new HashRows();
  readonly #rows = new RowAllocator();
  readonly #onFree: ((node: number) => void) | undefined;
  #refs = new Int32Array(64);
  #planted = 0;

  /** `onFree` is told of each node that is freed, before its id stands for another. */
  constructor(onFree?: (node: number) => void) {
    this.#onFree = onFree;
  }

  /** Nodes alive. */
  get nodes(): number {
    return this.#rows.used;
  }

  /**
   * The leaf of the path with these sequence hashes, planted as far as need be and held for the
   * caller, who gives it back through `release`; −1 without a hash.
   */
  intern(hashes: ArrayLike<bigint>): number {
    const words = hashes instanceof BigUint64Array ? hashes : BigUint64Array.from(hashes);
    const halves = halvesOf(words as BigUint64Array<ArrayBuffer>);
    let node = -1;
    for (let block = 0; block < words.length; block++) {
      const at = lowerAt(block);
      node = this.#below(node, halves[at]!, halves[at ^ 1]!);
    }
    if (node >= 0) this.retain(node);
    return node;
  }

  /**
   * The node below `parent` (−1 = a prompt's first block) with this block hash, planted where it is
   * new and held for the caller.
   */
  child(parent: number, blockHash: bigint): number {
    setBigInt(register, blockHash);
    if (parent >= 0) {
      const { low, high } = register;
      register.low = this.hashes.low[parent]!;
      register.high = this.hashes.high[parent]!;
      chainInto(register, low, high);
    }
    const node = this.#below(parent, register.low, register.high);
    this.retain(node);
    return node;
  }

  /** The sequence hash of a node. */
  hashOf(node: number): bigint {
    register.low = this.hashes.low[node]!;
    register.high = this.hashes.high[node]!;
    return toBigInt(register);
  }

  /** The block of a sequence hash, −1 = it is not in the forest. */
  find(hash: bigint): number {
    setBigInt(register, hash);
    return this.hashes.find(register.low, register.high);
  }

  /** Holds a node: it is not freed before the matching `release`. */
  retain(node: number): void {
    this.#refs[node]!++;
  }

  /** Lets go of a node; nodes that nobody holds are freed, and their parents with them. */
  release(node: number): void {
    for (let at = node; at >= 0 && --this.#refs[at]! === 0; at = this.parent[at]!) {
      this.#onFree?.(at);
      this.hashes.delete(at);
      this.#rows.give(at);
    }
  }

  /** The node of a sequence hash, planted below `parent` where it is new. */
  #below(parent: number, low: number, high: number): number {
    const known = this.hashes.find(low, high);
    if (known >= 0) return known;
    const node = this.#rows.take();
    this.parent = growColumn(this.parent, node + 1);
    this.attach = growColumn(this.attach, node + 1);
    this.length = growColumn(this.length, node + 1);
    this.serial = growColumn(this.serial, node + 1);
    this.#refs = growColumn(this.#refs, node + 1);
    this.serial[node] = ++this.#planted;
    this.parent[node] = parent;
    this.attach[node] = parent < 0 ? 0 : 1;
    this.length[node] = 1;
    this.#refs[node] = 0;
    if (parent >= 0) this.#refs[parent]!++;
    this.hashes.add(node, low, high);
    return node;
  }
}
