import { PairMap } from '#core/base/pair-map.ts';
import { ExtentEvent, type ExtentEventLog } from '#core/kv/extents/event-log.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { EngineListener } from './engine-listener.ts';

/**
 * Tells a listener block by block what the log of a rank says of whole extents. Content ids name
 * blocks, so the forest must have units of one block.
 */
export class BlockChanges {
  readonly #forest: PromptForest;
  readonly #listener: EngineListener;
  readonly #rank: number;
  /** (node, 0) → leading blocks of it that the listener knows to be cached. */
  readonly #told = new PairMap();

  constructor(forest: PromptForest, listener: EngineListener, rank: number) {
    this.#forest = forest;
    this.#listener = listener;
    this.#rank = rank;
  }

  /** Tells what has changed, and empties the log. */
  drain(events: ExtentEventLog): void {
    for (let entry = 0; entry < events.count; entry++) {
      const node = events.node[entry]!;
      const blocks = events.blocks[entry]!;
      if (events.kind[entry] === ExtentEvent.stored) this.#stored(node, blocks);
      else this.#removed(node, blocks);
    }
    events.clear();
  }

  /** Empties the log and tells nobody; what it says is known. */
  forget(events: ExtentEventLog): void {
    for (let entry = 0; entry < events.count; entry++) {
      const node = events.node[entry]!;
      const blocks = events.blocks[entry]!;
      this.#know(node, blocks);
      if (blocks === 0) this.#forest.release(node);
    }
    events.clear();
  }

  #stored(node: number, blocks: number): void {
    const from = Math.max(0, this.#told.get(node, 0));
    this.#know(node, blocks);
    if (from >= blocks) return;
    this.#listener.stored(
      this.#rank,
      this.#contentBefore(node, from),
      Array.from({ length: blocks - from }, (_, index) => this.#content(node, from + index)),
    );
  }

  #removed(node: number, blocks: number): void {
    const from = Math.max(0, this.#told.get(node, 0));
    this.#know(node, blocks);
    if (from > blocks) {
      const length = from - blocks;
      const contents = Array.from({ length }, (_, index) => this.#content(node, from - 1 - index));
      this.#listener.removed(this.#rank, contents);
    }
    if (blocks === 0) this.#forest.release(node);
  }

  #know(node: number, blocks: number): void {
    if (blocks === 0) this.#told.delete(node, 0);
    else this.#told.set(node, 0, blocks);
  }

  #content(node: number, block: number): number {
    return this.#forest.contentIds[this.#forest.contentAt(node) + block]!;
  }

  /** What precedes a block of a node, −1 = nothing. */
  #contentBefore(node: number, block: number): number {
    if (block > 0) return this.#content(node, block - 1);
    const parent = this.#forest.parent[node]!;
    return parent < 0 ? -1 : this.#content(parent, this.#forest.attach[node]! - 1);
  }
}
