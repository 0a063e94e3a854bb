import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';

const LOW_MASK = 0xffff_ffffn;

/**
 * Names hashes by dense integers, so that tables can keep them in columns and compare them as
 * numbers. 64-bit and 128-bit hashes share one interner; ids count from 0 and are never reused.
 *
 *     #words[4 id + i]   bits 32 i … 32 i + 31 of the hash
 *     #next[id]          next id in the same bucket, −1 = end
 *     #buckets           (31 folded bits of words 0, 2, 3; word 1) → first id of the bucket
 */
export class HashInterner {
  #words = new Uint32Array(4 * 16);
  #next = new Int32Array(16);
  readonly #buckets = new PairMap();
  #size = 0;

  /** How many hashes have an id. */
  get size(): number {
    return this.#size;
  }

  /** The id of `hash` (unsigned, below 2^128), given on first sight. */
  intern(hash: bigint): number {
    const known = this.find(hash);
    if (known >= 0) return known;
    const id = this.#size++;
    this.#words = growColumn(this.#words, 4 * this.#size);
    this.#next = growColumn(this.#next, this.#size);
    for (let word = 0; word < 4; word++) {
      this.#words[4 * id + word] = Number((hash >> BigInt(32 * word)) & LOW_MASK);
    }
    const bucket = this.#bucketOf(id);
    this.#next[id] = this.#buckets.get(bucket, this.#words[4 * id + 1]!);
    this.#buckets.set(bucket, this.#words[4 * id + 1]!, id);
    return id;
  }

  /** The id of `hash`, or −1 when it has none. */
  find(hash: bigint): number {
    assert(hash >= 0n && hash >> 128n === 0n, 'a hash is unsigned and has at most 128 bits');
    const low = Number(hash & LOW_MASK);
    const second = Number((hash >> 32n) & LOW_MASK);
    const third = Number((hash >> 64n) & LOW_MASK);
    const top = Number(hash >> 96n);
    let id = this.#buckets.get(foldedKey(low, third, top), second);
    while (id >= 0 && !this.#holds(id, low, third, top)) id = this.#next[id]!;
    return id;
  }

  /** The hash that `id` names. */
  hashOf(id: number): bigint {
    assert(id >= 0 && id < this.#size, `no hash has the id ${id}`);
    let hash = 0n;
    for (let word = 3; word >= 0; word--) {
      hash = (hash << 32n) | BigInt(this.#words[4 * id + word]!);
    }
    return hash;
  }

  #holds(id: number, low: number, third: number, top: number): boolean {
    const words = this.#words;
    return words[4 * id] === low && words[4 * id + 2] === third && words[4 * id + 3] === top;
  }

  #bucketOf(id: number): number {
    const words = this.#words;
    return foldedKey(words[4 * id]!, words[4 * id + 2]!, words[4 * id + 3]!);
  }
}

/** 31 bits of three words; the remaining word is the other half of the bucket's key. */
function foldedKey(low: number, third: number, top: number): number {
  return (low ^ Math.imul(third, 0x9e3779b1) ^ Math.imul(top, 0x85ebca6b)) & 0x7fff_ffff;
}
