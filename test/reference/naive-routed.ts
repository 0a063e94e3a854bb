import type { BlockForest } from '#core/tokens/block-forest.ts';
import { leadingBlocks, promptBlocks } from './random-forest.ts';

/** What a router has sent to one target, block by block, with when each was last sent. */
export class NaiveRouted {
  readonly #forest: BlockForest;
  /** Block → when it was sent last, and its place among all that were sent. */
  readonly #blocks = new Map<string, { atNs: number; order: number }>();
  #orders = 0;

  constructor(forest: BlockForest) {
    this.#forest = forest;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** A prompt is sent: its deepest block counts as the oldest of it. */
  routed(leaf: number, leafBlocks: number, atNs: number): void {
    for (const block of promptBlocks(this.#forest, leaf, leafBlocks).reverse()) {
      this.#blocks.set(block, { atNs, order: this.#orders++ });
    }
  }

  /** Forgets every block whose time has come. */
  forgetBy(isOver: (atNs: number) => boolean): void {
    for (const [block, { atNs }] of [...this.#blocks]) if (isOver(atNs)) this.#blocks.delete(block);
  }

  /** Forgets the oldest blocks beyond `capacity`. */
  forgetBeyond(capacity: number): void {
    const oldest = [...this.#blocks].sort((a, b) => a[1].order - b[1].order);
    for (const [block] of oldest.slice(0, Math.max(0, this.size - capacity))) {
      this.#blocks.delete(block);
    }
  }

  clear(): void {
    this.#blocks.clear();
  }

  match(leaf: number, leafBlocks: number): number {
    const prompt = promptBlocks(this.#forest, leaf, leafBlocks);
    return leadingBlocks(prompt, new Set(this.#blocks.keys()));
  }
}
