import { assert } from '#core/base/assert.ts';

/** A block that belongs to one request until it is computed, or a computed one that can be shared. */
type PhysicalBlock =
  | { readonly kind: 'private' }
  | { readonly kind: 'cached'; readonly hash: number; refs: number };

/**
 * A prefix-caching block pool with vLLM's semantics, one object a block and no cleverness: what
 * faster pools are held equal to.
 *
 * - A request takes free blocks first, then evicts the least recently released cached ones.
 * - A full block is invisible until `commit`. Two computed copies of one hash both take room; a
 *   lookup uses the first committed one.
 * - Releasing a request walks its blocks from the last to the first, so leaves go before parents.
 *   Private blocks are free at once, cached ones without a holder become inactive.
 * - `log` gets `stored hash` when the first copy becomes visible, `removed hash` when the last one
 *   is evicted.
 */
export class NaivePool {
  readonly capacity: number;
  readonly blockSize: number;
  readonly log: string[] = [];
  readonly #requests = new Map<number, PhysicalBlock[]>();
  /** Computed copies by hash, first committed first. */
  readonly #copies = new Map<number, PhysicalBlock[]>();
  /** Cached blocks that nobody holds, least recently released first. */
  readonly #inactive: PhysicalBlock[] = [];
  #free: number;

  constructor(capacity: number, blockSize: number) {
    this.capacity = capacity;
    this.blockSize = blockSize;
    this.#free = capacity;
  }

  get free(): number {
    return this.#free;
  }

  get inactive(): number {
    return this.#inactive.length;
  }

  /** Blocks that some request holds. */
  get active(): number {
    return this.capacity - this.#free - this.#inactive.length;
  }

  /** How many leading hashes are visible. */
  matchPrefix(hashes: readonly number[]): number {
    const miss = hashes.findIndex((hash) => !this.#copies.has(hash));
    return miss < 0 ? hashes.length : miss;
  }

  /** How many of the hashes, all visible, have a first copy that nobody holds. */
  idleAmong(hashes: readonly number[]): number {
    return hashes.filter((hash) => {
      const block = this.#copies.get(hash)![0]!;
      return block.kind === 'cached' && block.refs === 0;
    }).length;
  }

  /** The request takes a reference on the first copy of each hash; all must be visible. */
  acquire(request: number, hashes: readonly number[]): void {
    assert(this.matchPrefix(hashes) === hashes.length, 'only visible hashes can be acquired');
    for (const hash of hashes) {
      const block = this.#copies.get(hash)![0]!;
      assert(block.kind === 'cached', 'visible blocks are cached');
      if (block.refs === 0) this.#inactive.splice(this.#inactive.indexOf(block), 1);
      block.refs++;
      this.#blocksOf(request).push(block);
    }
  }

  /** Appends `count` private blocks to the request; false, and nothing changed, without room. */
  allocate(request: number, count: number): boolean {
    if (count > this.#free + this.#inactive.length) return false;
    for (let taken = 0; taken < count; taken++) {
      if (this.#free === 0) this.#evict();
      this.#free--;
      this.#blocksOf(request).push({ kind: 'private' });
    }
    return true;
  }

  /** Whether the request's block at `index` is not computed yet, as far as the pool knows. */
  isPrivate(request: number, index: number): boolean {
    return this.#blocksOf(request)[index]?.kind === 'private';
  }

  /** The request's block at `index`, private so far, is computed and visible under `hash`. */
  commit(request: number, index: number, hash: number): void {
    const blocks = this.#blocksOf(request);
    assert(
      blocks[index]?.kind === 'private',
      `block ${index} of request ${request} is not private`,
    );
    const block: PhysicalBlock = { kind: 'cached', hash, refs: 1 };
    blocks[index] = block;
    const copies = this.#copies.get(hash);
    if (copies !== undefined) {
      copies.push(block);
      return;
    }
    this.#copies.set(hash, [block]);
    this.log.push(`stored ${hash}`);
  }

  /** The request lets go of its blocks, last one first. A request without blocks is fine. */
  release(request: number): void {
    for (const block of this.#blocksOf(request).toReversed()) {
      if (block.kind === 'private') this.#free++;
      else if (--block.refs === 0) this.#inactive.push(block);
    }
    this.#requests.delete(request);
  }

  /** How many blocks the request has, shared ones included. */
  blockCount(request: number): number {
    return this.#requests.get(request)?.length ?? 0;
  }

  /** Every visible hash, ascending. */
  residentHashes(): number[] {
    return [...this.#copies.keys()].sort((a, b) => a - b);
  }

  #evict(): void {
    const victim = this.#inactive.shift();
    assert(victim?.kind === 'cached', 'eviction needs an inactive block');
    const copies = this.#copies.get(victim.hash)!;
    copies.splice(copies.indexOf(victim), 1);
    if (copies.length === 0) {
      this.#copies.delete(victim.hash);
      this.log.push(`removed ${victim.hash}`);
    }
    this.#free++;
  }

  #blocksOf(request: number): PhysicalBlock[] {
    const known = this.#requests.get(request);
    if (known !== undefined) return known;
    const blocks: PhysicalBlock[] = [];
    this.#requests.set(request, blocks);
    return blocks;
  }
}
