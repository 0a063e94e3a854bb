/**
 * Who is told which blocks engines hold. A node is one block at one place of one prompt: it is
 * known by its parent and its content, whatever engines call it.
 *
 * A target that the router does not know, or that has left, may still be spoken of: its facts change
 * nothing. Facts are copied at once; their time is that of the call.
 */
export interface BlockFacts {
  /**
   * The node of the block that follows `parent` (−1 = a prompt's first) with the block hash
   * `localHash`, planted where it is new and held for the caller until `release`.
   */
  plant(parent: number, localHash: bigint): number;
  /** Gives a node back; its id may stand for another block from then on. */
  release(node: number): void;
  /** The target holds the block in device memory, and all blocks before it. */
  stored(target: number, node: number): void;
  /** The target has evicted the block from device memory. */
  removed(target: number, node: number): void;
  /** The target holds nothing in device memory. */
  cleared(target: number): void;
  /** The same below device memory; tiers are numbered by `TierCode` of core/router. */
  tierStored(tier: number, target: number, node: number): void;
  tierRemoved(tier: number, target: number, node: number): void;
  tierCleared(tier: number, target: number): void;
  /** The target can be reached, or cannot for now. */
  setAvailable(target: number, available: boolean): void;
}
