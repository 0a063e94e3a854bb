import { assert } from '#core/base/assert.ts';

/** A block that belongs to one request until it is computed, or a computed one that can be shared. */
type PhysicalBlock =
  | { readonly kind: 'private' }
  | { readonly kind: 'cached'; readonly hash: number; refs: number; worth: number };

/**
 * A prefix-caching block pool with vLLM's semantics, one object a block and no cleverness: what
 * faster pools are held equal to.
 *
 * - A request takes free blocks first, then evicts the least recently released cached ones.
 * - A full block is invisible until `commit`. Two computed copies of one hash both take room; a
 *   lookup uses the first committed one.
 * - Releasing a request walks its blocks from the last to the first, so leaves go before parents.
 *   Private blocks are free at once, cached ones without a holder become inactive.
 * - With a score the inactive copy of the least worth goes first, among equals the one released first;
 *   a first copy that visible blocks follow stays until those are gone, unless a second copy can take
 *   its place; blocks of one extent go from its end. The worth of a copy is fixed
 *   when its last holder lets go, from the number of that release.
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
  /** What precedes a visible hash. */
  readonly #parents = new Map<number, number>();
  readonly #sameExtent: (hash: number, next: number) => boolean;
  readonly #worthOf: ((release: number) => number) | undefined;
  #releases = 0;
  #free: number;

  constructor(
    capacity: number,
    blockSize: number,
    worthOf?: (release: number) => number,
    sameExtent: (hash: number, next: number) => boolean = () => false,
  ) {
    this.capacity = capacity;
    this.blockSize = blockSize;
    this.#worthOf = worthOf;
    this.#sameExtent = sameExtent;
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
    const block: PhysicalBlock = { kind: 'cached', hash, refs: 1, worth: 0 };
    blocks[index] = block;
    const copies = this.#copies.get(hash);
    if (copies !== undefined) {
      copies.push(block);
      return;
    }
    this.#copies.set(hash, [block]);
    const before = blocks[index - 1];
    if (before?.kind === 'cached') this.#parents.set(hash, before.hash);
    this.log.push(`stored ${hash}`);
  }

  /** The same, but where the hash is visible already the request takes that copy and frees its own. */
  adopt(request: number, index: number, hash: number): void {
    const first = this.#copies.get(hash)?.[0];
    if (first?.kind !== 'cached') {
      this.commit(request, index, hash);
      return;
    }
    assert(this.isPrivate(request, index), 'the block is not private');
    if (first.refs === 0) this.#inactive.splice(this.#inactive.indexOf(first), 1);
    first.refs++;
    this.#blocksOf(request)[index] = first;
    this.#free++;
  }

  /** The request lets go of its blocks, last one first. A request without blocks is fine. */
  release(request: number): void {
    this.#releases++;
    for (const block of this.#blocksOf(request).toReversed()) {
      if (block.kind === 'private') this.#free++;
      else if (--block.refs === 0) {
        block.worth = this.#worthOf?.(this.#releases) ?? 0;
        this.#inactive.push(block);
      }
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
    const victim = this.#takeVictim();
    assert(victim?.kind === 'cached', 'eviction needs an inactive block');
    const copies = this.#copies.get(victim.hash)!;
    copies.splice(copies.indexOf(victim), 1);
    if (copies.length === 0) {
      this.#copies.delete(victim.hash);
      this.#parents.delete(victim.hash);
      this.log.push(`removed ${victim.hash}`);
    }
    this.#free++;
  }

  #takeVictim(): PhysicalBlock | undefined {
    if (this.#worthOf === undefined) return this.#inactive.shift();
    let best: PhysicalBlock | undefined;
    for (const block of this.#inactive) {
      if (block.kind !== 'cached' || this.#isFollowed(block)) continue;
      if (best?.kind !== 'cached' || block.worth < best.worth) best = block;
    }
    if (best !== undefined) this.#inactive.splice(this.#inactive.indexOf(best), 1);
    return best;
  }

  /**
   * Whether a first copy has to stay for the visible blocks behind it: all of them while it is the
   * only one, those of its own extent even where a second copy could take its place.
   */
  #isFollowed(block: PhysicalBlock): boolean {
    if (block.kind !== 'cached') return false;
    const { hash } = block;
    const copies = this.#copies.get(hash)!;
    if (copies[0] !== block) return false;
    const followers = [...this.#parents].flatMap(([next, parent]) =>
      parent === hash ? [next] : [],
    );
    if (copies.length === 1) return followers.length > 0;
    return followers.some((next) => this.#sameExtent(hash, next));
  }

  #blocksOf(request: number): PhysicalBlock[] {
    const known = this.#requests.get(request);
    if (known !== undefined) return known;
    const blocks: PhysicalBlock[] = [];
    this.#requests.set(request, blocks);
    return blocks;
  }
}
