import { PairMap } from '#core/base/pair-map.ts';
import type { RandomStream } from '#core/base/random.ts';
import { ExtentEvent } from '#core/kv/extents/event-log.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { OwnershipIndex } from '#core/router/index/ownership.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';

/** How an event fares on its way. */
export const Fate = { once: 0, twice: 1, lost: 2 } as const;

/** What became of the KV events of a run. */
export interface KvEventCounts {
  readonly published: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Stores that the router skipped, as it did not know the block before, after an earlier loss. */
  readonly orphaned: number;
}

/**
 * Events that get lost or arrive twice, between workers and a router that has nobody to ask for what
 * it missed.
 *
 * A lost eviction leaves the router with an entry that is not true any more. It stays, also when the
 * worker has long forgotten, so the node is held as if the worker still had it: the same prompt must
 * find the entry again. A lost store leaves a hole. What is stored behind it names a block that the
 * router does not know for this worker, and is skipped, as an index of hashes skips it.
 *
 *     #stored   (node, target) → leading blocks that the worker holds, by what it has published
 *     #stale    (node, target) → 1 where a node is held for the sake of a stale entry
 */
export class EventFaults implements KvEventCounts {
  published = 0;
  lost = 0;
  duplicated = 0;
  orphaned = 0;
  readonly #router: RoutingMachine;
  readonly #index: OwnershipIndex;
  readonly #forest: PromptForest;
  readonly #streams: readonly RandomStream[];
  readonly #lossRatio: number;
  readonly #duplicateRatio: number;
  readonly #stored = new PairMap();
  readonly #stale = new PairMap();

  /**
   * `index` is what the router believes, `streams` has a stream for each target, whose events keep
   * their order whatever happens elsewhere; each ratio is a share of all events.
   */
  constructor(
    router: RoutingMachine,
    index: OwnershipIndex,
    forest: PromptForest,
    streams: readonly RandomStream[],
    lossRatio: number,
    duplicateRatio: number,
  ) {
    this.#router = router;
    this.#index = index;
    this.#forest = forest;
    this.#streams = streams;
    this.#lossRatio = lossRatio;
    this.#duplicateRatio = duplicateRatio;
  }

  /** Draws how a target's next event fares; two draws each, so that neither ratio moves the other. */
  draw(target: number): number {
    const stream = this.#streams[target]!;
    const isLost = stream.nextFloat() < this.#lossRatio;
    const isTwice = stream.nextFloat() < this.#duplicateRatio;
    this.published++;
    if (isLost) this.lost++;
    else if (isTwice) this.duplicated++;
    else return Fate.once;
    return isLost ? Fate.lost : Fate.twice;
  }

  /** Takes note of an event that a worker publishes; returns from which block on a store stores. */
  note(target: number, kind: number, node: number, blocks: number): number {
    const before = Math.max(0, this.#stored.get(node, target));
    if (blocks > 0) this.#stored.set(node, target, blocks);
    else if (kind === ExtentEvent.removed) this.#stored.delete(node, target);
    return before;
  }

  /** Hands an event over, or what is left of it; `from` is what `note` has returned. */
  deliver(
    target: number,
    kind: number,
    node: number,
    blocks: number,
    from: number,
    fate: number,
  ): void {
    const copies = fate === Fate.lost ? 0 : fate === Fate.twice ? 2 : 1;
    if (kind === ExtentEvent.stored) {
      if (copies > 0 && this.#continues(target, node, from)) {
        for (let copy = 0; copy < copies; copy++) this.#router.stored(target, node, blocks);
      }
      return;
    }
    for (let copy = 0; copy < copies; copy++) this.#router.removed(target, node, blocks);
    if (blocks === 0) this.#letGo(target, node);
  }

  /** Whether the router knows the block before block `from` of the node; counts when it does not. */
  #continues(target: number, node: number, from: number): boolean {
    const { parent, attach } = this.#forest;
    let above = node;
    let before = from;
    while (before === 0 && above >= 0) {
      before = attach[above]!;
      above = parent[above]!;
    }
    if (above < 0 || this.#index.blocksOfNode(target, above) >= before) return true;
    this.orphaned++;
    return false;
  }

  /** The worker holds nothing of the node any more, whatever the router believes. */
  #letGo(target: number, node: number): void {
    const isHeld = this.#stale.get(node, target) >= 0;
    if (this.#index.blocksOfNode(target, node) > 0) {
      if (isHeld) this.#forest.release(node);
      else this.#stale.set(node, target, 1);
      return;
    }
    this.#forest.release(node);
    if (!isHeld) return;
    this.#stale.delete(node, target);
    this.#forest.release(node);
  }
}
