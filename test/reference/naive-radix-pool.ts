import { assert } from '#core/base/assert.ts';

/** A cached block and what follows it. */
interface RadixBlock {
  readonly parent: RadixBlock | undefined;
  readonly name: number;
  readonly children: Map<number, RadixBlock>;
  /** Whether a node of the radix tree ends here although something follows. */
  ends: boolean;
  holders: number;
  time: number;
}

interface Lease {
  /** The blocks that it holds in the tree, the first one first. */
  readonly path: RadixBlock[];
  /** Blocks with content that nobody can hit yet. */
  own: number;
  /** When it inserted blocks last, 0 = never. */
  touched: number;
}

/**
 * SGLang's radix cache as a tree of single blocks, an object a block: what the extent pool is held
 * equal to where it evicts by last touch. Nodes of the radix tree are only remembered by where they
 * end. See core/kv/extents/order/touch-order.ts for the rules.
 */
export class NaiveRadixPool {
  readonly capacity: number;
  readonly log: string[] = [];
  #free: number;
  #clock = 0;
  readonly #roots = new Map<number, RadixBlock>();
  readonly #leases = new Map<number, Lease>();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#free = capacity;
  }

  get free(): number {
    return this.#free;
  }

  get inactive(): number {
    return this.#blocks().filter(({ holders }) => holders === 0).length;
  }

  get active(): number {
    return this.capacity - this.#free - this.inactive;
  }

  matchPrefix(names: readonly number[]): number {
    return this.#find(names).length;
  }

  idleAmong(names: readonly number[]): number {
    return this.#find(names).filter(({ holders }) => holders === 0).length;
  }

  /** The request looks up blocks, all of which are cached, and holds them. */
  acquire(request: number, names: readonly number[]): void {
    const path = this.#find(names);
    assert(path.length === names.length, 'only cached blocks can be held');
    this.#leases.set(request, { path, own: 0, touched: 0 });
    const last = path.at(-1);
    const now = ++this.#clock;
    if (last === undefined) return;
    const whole = last.ends || last.children.size === 0;
    const nodes = whole ? path.length : path.findLastIndex(({ ends }) => ends) + 1;
    last.ends ||= last.children.size > 0;
    for (const block of path) block.holders++;
    for (const block of path.slice(0, nodes)) block.time = now;
  }

  /** Gives the request `count` blocks more; false, and nothing changed, without room. */
  allocate(request: number, count: number): boolean {
    if (count > this.#free + this.inactive) return false;
    while (this.#free < count) this.#evict();
    this.#free -= count;
    this.#leaseOf(request).own += count;
    return true;
  }

  /** All blocks that the request has in the tree are touched, as when it inserts one. */
  touch(request: number): void {
    const lease = this.#leaseOf(request);
    lease.touched = ++this.#clock;
    for (const block of lease.path) block.time = lease.touched;
  }

  /** The request's path grows to all of `names`; where it is cached already its own blocks are free. */
  insert(request: number, names: readonly number[]): void {
    const lease = this.#leaseOf(request);
    const held = lease.path.length;
    const known = this.#find(names);
    this.#joinTo(known, held, names.length);
    for (const block of known.slice(held)) {
      block.holders++;
      lease.path.push(block);
      lease.own--;
      this.#free++;
    }
    for (const name of names.slice(lease.path.length)) {
      this.#grow(lease, name);
      this.log.push(`stored ${name}`);
    }
  }

  /** The request lets go; `generated` names blocks behind its path that come to be cached now. */
  release(request: number, generated: readonly number[] = []): void {
    const lease = this.#leases.get(request);
    if (lease === undefined) return;
    if (generated.length > 0) {
      this.#joinTo(lease.path, lease.path.length, lease.path.length + generated.length);
      for (const name of generated) this.#grow(lease, name);
    }
    for (const block of lease.path) block.holders--;
    this.#free += lease.own;
    this.#leases.delete(request);
  }

  blockCount(request: number): number {
    const lease = this.#leases.get(request);
    return lease === undefined ? 0 : lease.path.length + lease.own;
  }

  /** Blocks of the request that are in the tree. */
  heldBlocks(request: number): number {
    return this.#leases.get(request)?.path.length ?? 0;
  }

  /** Notes whether a node ends where a path of `length` blocks leaves what is known of it. */
  #joinTo(known: readonly RadixBlock[], held: number, length: number): void {
    const last = known.at(-1);
    if (last === undefined) return;
    if (last.children.size > 0) last.ends = true;
    else if (known.length < length) last.ends = last.holders > (known.length > held ? 0 : 1);
  }

  #grow(lease: Lease, name: number): void {
    const parent = lease.path.at(-1);
    const time = lease.touched;
    const block = { parent, name, children: new Map(), ends: false, holders: 1, time };
    (parent?.children ?? this.#roots).set(name, block);
    lease.path.push(block);
    lease.own--;
  }

  #leaseOf(request: number): Lease {
    const lease = this.#leases.get(request);
    assert(lease !== undefined, `request ${request} holds nothing`);
    return lease;
  }

  #find(names: readonly number[]): RadixBlock[] {
    const path: RadixBlock[] = [];
    for (const name of names) {
      const next = (path.at(-1)?.children ?? this.#roots).get(name);
      if (next === undefined) break;
      path.push(next);
    }
    return path;
  }

  #blocks(): RadixBlock[] {
    const found: RadixBlock[] = [];
    const open = [...this.#roots.values()];
    for (let block = open.pop(); block !== undefined; block = open.pop()) {
      found.push(block);
      open.push(...block.children.values());
    }
    return found;
  }

  #evict(): void {
    const leaves = this.#blocks().filter(({ holders, children }) => holders + children.size === 0);
    const victim = leaves.reduce((oldest, leaf) => (leaf.time < oldest.time ? leaf : oldest));
    (victim.parent?.children ?? this.#roots).delete(victim.name);
    this.#free++;
    this.log.push(`removed ${victim.name}`);
  }
}
