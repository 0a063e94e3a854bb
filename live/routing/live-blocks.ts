import type { BlockFacts } from '../events/block-facts.ts';
import type { EngineRoster } from './engine-roster.ts';
import { LiveForest } from './live-forest.ts';
import type { RouterPool } from './router-pool.ts';

/**
 * The forest of prompts, and what engines hold of it. A node whose id may come to stand for another
 * block is told to every router before it does.
 */
export class LiveBlocks implements BlockFacts {
  readonly forest: LiveForest;
  readonly #roster: EngineRoster;
  /** Nodes that are free, of which the routers have not been told. */
  readonly #freed: number[] = [];
  #pools: readonly RouterPool[] = [];
  /** By target: who says that it cannot be reached; absent = nobody. */
  readonly #unreachable = new Map<number, Set<string>>();

  /** `secret`: see `LiveForest`. */
  constructor(roster: EngineRoster, secret: bigint) {
    this.#roster = roster;
    this.forest = new LiveForest(secret, (node) => this.#freed.push(node));
  }

  /** The routers that are told, from now on. */
  serve(pools: readonly RouterPool[]): void {
    this.#pools = pools;
  }

  /** The leaf of a prompt, −1 without a full block; held until `release`. */
  intern(hashes: ArrayLike<bigint>): number {
    this.#tellFreed();
    return this.forest.intern(hashes);
  }

  /**
   * The same for a prompt that another router speaks of, with how many of its blocks that are: blocks
   * that do not follow each other as they do here are left out.
   */
  internOutside(hashes: readonly bigint[]): { readonly leaf: number; readonly blocks: number } {
    const blocks = this.forest.leadingInOrder(hashes);
    return { leaf: this.intern(hashes.slice(0, blocks)), blocks };
  }

  plant(parent: number, localHash: bigint): number {
    this.#tellFreed();
    return this.forest.child(parent, localHash);
  }

  /** Of −1 too. */
  release(node: number): void {
    if (node < 0) return;
    this.forest.release(node);
    this.#tellFreed();
  }

  stored(target: number, node: number): void {
    this.#poolOf(target)?.note((router) => router.stored(target, node, 1));
  }

  removed(target: number, node: number): void {
    this.#poolOf(target)?.note((router) => router.removed(target, node, 0));
  }

  cleared(target: number): void {
    this.#poolOf(target)?.note((router) => router.cleared(target));
  }

  tierStored(tier: number, target: number, node: number): void {
    this.#poolOf(target)?.note((router) => router.tierStored(tier, target, node, 0, 1));
  }

  tierRemoved(tier: number, target: number, node: number): void {
    this.#poolOf(target)?.note((router) => router.tierRemoved(tier, target, node, 0, 1));
  }

  tierCleared(tier: number, target: number): void {
    this.#poolOf(target)?.note((router) => router.tierCleared(tier, target));
  }

  /**
   * A target can be reached when nobody says that it cannot: its events, its health and whoever
   * sends requests there each speak for themselves, by `source`.
   */
  setAvailable(target: number, available: boolean, source = 'events'): void {
    const pool = this.#poolOf(target);
    if (pool === undefined) return;
    const sources = this.#unreachable.get(target) ?? new Set<string>();
    const before = sources.size === 0;
    if (available) sources.delete(source);
    else sources.add(source);
    this.#unreachable.set(target, sources);
    const now = sources.size === 0;
    if (now !== before) pool.tell((router, nowNs) => router.setAvailable(target, now, nowNs));
  }

  /** Whether a target can be reached. */
  isAvailable(target: number): boolean {
    return (this.#unreachable.get(target)?.size ?? 0) === 0;
  }

  /** A target has left: what was said of it counts no more. */
  forget(target: number): void {
    this.#unreachable.delete(target);
  }

  /** The pool of a target that is there. */
  #poolOf(target: number): RouterPool | undefined {
    const engine = this.#roster.presentOf(target);
    return engine && this.#pools.find(({ role }) => role === engine.role);
  }

  /** A node whose telling throws counts as told: those behind it are told next time. */
  #tellFreed(): void {
    const freed = this.#freed;
    if (freed.length === 0) return;
    let told = 0;
    try {
      while (told < freed.length) {
        const node = freed[told++]!;
        for (const pool of this.#pools) pool.note((router) => router.freeNode(node));
      }
    } finally {
      freed.splice(0, told);
    }
  }
}
