import { chainedHash } from '#core/tokens/block-hash.ts';
import type { BlockFacts } from '../block-facts.ts';
import type { KvTier } from '../kv-event.ts';

/** A block by the names that everyone can compute: its prompt up to it, and its content. */
export interface NamedBlock {
  /** Sequence hash: `chainedHash` of the block before and its own. */
  readonly hash: bigint;
  readonly local: bigint;
  /** Sequence hash of the block before, undefined at the beginning of a prompt. */
  readonly parent: bigint | undefined;
  readonly depth: number;
}

/** Told of what targets come to hold, and hold no more. */
export interface HeldObserver {
  stored(target: number, tier: KvTier, block: NamedBlock): void;
  removed(target: number, tier: KvTier, block: NamedBlock): void;
  /** Everything of the target, in every tier. */
  cleared(target: number): void;
}

const LOWER: readonly KvTier[] = ['host', 'disk', 'external'];

interface Held {
  readonly tier: KvTier;
  readonly block: NamedBlock;
}

/**
 * Facts on their way to the router, with someone looking on who knows blocks by their hashes. It can
 * tell all that a target holds, for whoever comes late.
 */
export class HeldBlocks implements BlockFacts {
  readonly #facts: BlockFacts;
  readonly #observer: HeldObserver;
  readonly #names = new Map<number, { block: NamedBlock; holds: number }>();
  /** By target, what it holds under (node, tier). */
  readonly #held = new Map<number, Map<string, Held>>();

  constructor(facts: BlockFacts, observer: HeldObserver) {
    this.#facts = facts;
    this.#observer = observer;
  }

  /** What a target holds, parents before children. */
  dump(target: number): readonly Held[] {
    const held = [...(this.#held.get(target)?.values() ?? [])];
    return held.sort((one, other) => one.block.depth - other.block.depth);
  }

  plant(parent: number, localHash: bigint): number {
    const node = this.#facts.plant(parent, localHash);
    const known = this.#names.get(node);
    if (known !== undefined) {
      known.holds++;
      return node;
    }
    const before = this.#names.get(parent)?.block;
    const hash = before === undefined ? localHash : chainedHash(before.hash, localHash);
    const depth = before === undefined ? 0 : before.depth + 1;
    const block = { hash, local: localHash, parent: before?.hash, depth };
    this.#names.set(node, { block, holds: 1 });
    return node;
  }

  release(node: number): void {
    const known = this.#names.get(node);
    if (known !== undefined && --known.holds === 0) this.#names.delete(node);
    this.#facts.release(node);
  }

  stored(target: number, node: number): void {
    this.#facts.stored(target, node);
    this.#hold(target, node, 'device');
  }

  removed(target: number, node: number): void {
    this.#facts.removed(target, node);
    this.#drop(target, node, 'device');
  }

  /** A book clears all tiers of a target, the device first. */
  cleared(target: number): void {
    this.#facts.cleared(target);
    if (this.#held.delete(target)) this.#observer.cleared(target);
  }

  tierStored(tier: number, target: number, node: number): void {
    this.#facts.tierStored(tier, target, node);
    this.#hold(target, node, LOWER[tier]!);
  }

  tierRemoved(tier: number, target: number, node: number): void {
    this.#facts.tierRemoved(tier, target, node);
    this.#drop(target, node, LOWER[tier]!);
  }

  tierCleared(tier: number, target: number): void {
    this.#facts.tierCleared(tier, target);
  }

  setAvailable(target: number, available: boolean): void {
    this.#facts.setAvailable(target, available);
  }

  #hold(target: number, node: number, tier: KvTier): void {
    const block = this.#names.get(node)?.block;
    if (block === undefined) return;
    const held = this.#held.get(target) ?? new Map<string, Held>();
    this.#held.set(target, held);
    held.set(`${node} ${tier}`, { tier, block });
    this.#observer.stored(target, tier, block);
  }

  #drop(target: number, node: number, tier: KvTier): void {
    const held = this.#held.get(target)?.get(`${node} ${tier}`);
    if (held === undefined) return;
    this.#held.get(target)?.delete(`${node} ${tier}`);
    this.#observer.removed(target, tier, held.block);
  }
}
