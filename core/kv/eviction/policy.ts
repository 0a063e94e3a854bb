/**
 * In which order cached blocks go. A policy knows only blocks that nobody holds: they are inserted
 * when their last holder leaves, and removed when somebody comes back. Hashes are interned.
 */
export interface EvictionPolicy {
  /** Blocks that could be evicted. */
  readonly size: number;

  /**
   * `block` lost its last holder. It carries `hash`, behind `parent` (−1 = none or unknown), and has
   * been visible since registration number `cachedTick`. It must not be in the policy.
   */
  insert(block: number, hash: number, parent: number, cachedTick: number): void;

  /** `block` was revived. It must be in the policy. */
  remove(block: number): void;

  /** A lookup hit `hash`, in the policy or not. */
  touch(hash: number): void;

  /** Takes out and returns the block to evict now. The policy must not be empty. */
  nextVictim(): number;
}
