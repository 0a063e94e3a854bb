/**
 * A block manager as a list of what everybody holds: nothing is counted ahead, every question is
 * answered by looking. What `core/kv/block-manager.ts` is held equal to.
 */
export type ModelState = 'reset' | 'mutable' | 'staged' | 'primary' | 'duplicate' | 'inactive';

export type ModelPolicy = 'lru' | 'fifo' | 'lineage' | 'multi-lru';

export interface ModelBlock {
  readonly id: number;
  state: ModelState;
  tokens: number;
  hash: number;
  parent: number;
  cachedTick: number;
  level: number;
  resetOnRelease: boolean;
}

export interface ModelOptions {
  readonly blocks: number;
  readonly blockSize: number;
  readonly policy: ModelPolicy;
  /** Hits at which a block rises to level 1, 2, 3 of multi-lru. */
  readonly thresholds: readonly [number, number, number];
  readonly rejectDuplicates: boolean;
  readonly resetOnRelease: boolean;
}

export interface ModelGuard {
  readonly handle: number;
  readonly block: ModelBlock;
}

export class KvModel {
  readonly options: ModelOptions;
  readonly blocks: ModelBlock[];
  readonly free: ModelBlock[];
  /** In the order of their insertion. */
  readonly inactive: ModelBlock[] = [];
  readonly guards: ModelGuard[] = [];
  readonly pins: ModelGuard[] = [];
  /** Handles whose block was let go by its last guard. */
  readonly deadHandles: number[] = [];
  readonly deadPins: number[] = [];
  readonly log: string[] = [];
  readonly touches = new Map<number, number>();
  #ticks = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    this.blocks = Array.from({ length: options.blocks }, (_, id) => ({
      id,
      state: 'reset',
      tokens: 0,
      hash: -1,
      parent: -1,
      cachedTick: 0,
      level: 0,
      resetOnRelease: options.resetOnRelease,
    }));
    this.free = [...this.blocks];
  }

  count(state: ModelState): number {
    return this.blocks.filter((block) => block.state === state).length;
  }

  presence(hash: number): number {
    return this.blocks.filter((block) => block.hash === hash && this.#visible(block)).length;
  }

  primaryOf(hash: number): ModelBlock | undefined {
    return this.blocks.find(
      (block) => block.hash === hash && (block.state === 'primary' || block.state === 'inactive'),
    );
  }

  matchLength(hashes: readonly number[]): number {
    const miss = hashes.findIndex((hash) => this.primaryOf(hash) === undefined);
    return miss < 0 ? hashes.length : miss;
  }

  /** The blocks that an allocation gets, in order; undefined without room. */
  allocate(count: number): ModelBlock[] | undefined {
    if (count > this.free.length + this.inactive.length) return undefined;
    return Array.from({ length: count }, () => {
      const block = this.free.shift() ?? this.#evict();
      block.state = 'mutable';
      block.tokens = 0;
      block.hash = -1;
      block.resetOnRelease = this.options.resetOnRelease;
      return block;
    });
  }

  /** The block that the holder of a staged block holds after registering it. */
  register(block: ModelBlock): ModelBlock {
    const primary = this.primaryOf(block.hash);
    if (primary === undefined) {
      block.state = 'primary';
      block.cachedTick = this.#ticks++;
      this.log.push(`stored ${block.hash} after ${block.parent}`);
      return block;
    }
    this.#revive(primary);
    if (this.options.rejectDuplicates) {
      this.#empty(block);
      return primary;
    }
    block.state = 'duplicate';
    block.cachedTick = this.#ticks++;
    return block;
  }

  /** A lookup found the hash: its primary, revived. */
  hit(hash: number, touch: boolean): ModelBlock {
    const primary = this.primaryOf(hash)!;
    this.#revive(primary);
    if (touch) this.touches.set(hash, (this.touches.get(hash) ?? 0) + 1);
    return primary;
  }

  /** Call after a guard or pin on the block was taken out of the lists. */
  settle(block: ModelBlock): void {
    const holders =
      this.guards.filter((guard) => guard.block === block).length +
      this.pins.filter((pin) => pin.block === block).length +
      (block.state === 'primary' ? this.presence(block.hash) - 1 : 0);
    if (holders > 0) return;
    if (block.state === 'duplicate') {
      const primary = this.primaryOf(block.hash)!;
      this.#empty(block);
      this.settle(primary);
    } else if (block.state !== 'primary') {
      this.#empty(block);
    } else if (block.resetOnRelease) {
      this.log.push(`removed ${block.hash}`);
      this.#empty(block);
    } else {
      block.state = 'inactive';
      const hits = Math.min(15, this.touches.get(block.hash) ?? 0);
      block.level = this.options.thresholds.filter((threshold) => hits >= threshold).length;
      this.inactive.push(block);
    }
  }

  clear(): boolean {
    if (this.free.length + this.inactive.length < this.blocks.length) return false;
    while (this.inactive.length > 0) this.#empty(this.#takeVictim());
    this.log.push('cleared');
    return true;
  }

  #visible(block: ModelBlock): boolean {
    return block.state === 'primary' || block.state === 'duplicate' || block.state === 'inactive';
  }

  #revive(block: ModelBlock): void {
    if (block.state !== 'inactive') return;
    block.state = 'primary';
    this.inactive.splice(this.inactive.indexOf(block), 1);
  }

  #empty(block: ModelBlock): void {
    block.state = 'reset';
    block.hash = -1;
    block.tokens = 0;
    this.free.push(block);
  }

  #evict(): ModelBlock {
    const victim = this.#takeVictim();
    this.log.push(`removed ${victim.hash}`);
    return victim;
  }

  #takeVictim(): ModelBlock {
    const victim = this.#victim();
    this.inactive.splice(this.inactive.indexOf(victim), 1);
    return victim;
  }

  #victim(): ModelBlock {
    const waiting = this.inactive;
    if (this.options.policy === 'fifo') {
      return waiting.toSorted((a, b) => a.cachedTick - b.cachedTick)[0]!;
    }
    if (this.options.policy === 'multi-lru') {
      const lowest = Math.min(...waiting.map((block) => block.level));
      return waiting.find((block) => block.level === lowest)!;
    }
    if (this.options.policy === 'lineage') {
      return waiting.find((block) => waiting.every((other) => other.parent !== block.hash))!;
    }
    return waiting[0]!;
  }
}
