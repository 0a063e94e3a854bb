import type { Ns } from '#core/base/time.ts';
import type { PrefixIndex } from '../prefix-index.ts';

/**
 * An index made of the router's own decisions: a target is believed to hold the prompts that were
 * sent there, until the policy forgets them. One folder a policy.
 */
export interface RoutedIndex extends PrefixIndex {
  /** A prompt (leaf −1 = no full block) was sent to the target. */
  routed(target: number, leaf: number, leafBlocks: number, nowNs: Ns): void;
  /** Forgets what is too old by now; called before a match. */
  catchUp(nowNs: Ns): void;
  /** The target is gone with all that it holds. */
  removeTarget(target: number): void;
  /** Whether a target is believed to hold a part of the node. */
  uses(node: number): boolean;
}

/**
 * Keeps nodes of the forest alive that only the router still knows: a prompt that comes again after
 * its blocks are gone must be the same node again. `PromptForest` is one.
 */
export interface NodeHolds {
  retain(node: number): void;
  release(node: number): void;
}

/** For forests whose nodes live for ever. */
export const NO_HOLDS: NodeHolds = { retain: () => {}, release: () => {} };
