import type { BlockForest } from '#core/tokens/block-forest.ts';
import { leadingBlocks, promptBlocks } from './random-forest.ts';

interface ActiveRequest {
  readonly target: number;
  readonly blocks: readonly string[];
  readonly privateBlocks: number;
  prefillTokens: number;
}

/** Active sequences as a list of requests; every number is counted anew. */
export class NaiveSequences {
  readonly #forest: BlockForest;
  readonly #active = new Map<number, ActiveRequest>();

  constructor(forest: BlockForest) {
    this.#forest = forest;
  }

  add(
    request: number,
    target: number,
    load: { leaf: number; leafBlocks: number; privateBlocks: number; prefillTokens: number },
  ): void {
    const blocks = promptBlocks(this.#forest, load.leaf, load.leafBlocks);
    const { privateBlocks, prefillTokens } = load;
    this.#active.set(request, { target, blocks, privateBlocks, prefillTokens });
  }

  isActive(request: number): boolean {
    return this.#active.has(request);
  }

  prefillCompleted(request: number): void {
    const active = this.#active.get(request);
    if (active !== undefined) active.prefillTokens = 0;
  }

  free(request: number): void {
    this.#active.delete(request);
  }

  removeTarget(target: number): void {
    for (const [request, active] of [...this.#active]) {
      if (active.target === target) this.#active.delete(request);
    }
  }

  load(target: number): { blocks: number; prefillTokens: number; requests: number } {
    const mine = [...this.#active.values()].filter((active) => active.target === target);
    const privateBlocks = mine.reduce((sum, active) => sum + active.privateBlocks, 0);
    return {
      blocks: this.#union(target).size + privateBlocks,
      prefillTokens: mine.reduce((sum, active) => sum + active.prefillTokens, 0),
      requests: mine.length,
    };
  }

  /** Leading blocks of the prompt that are active on the target. */
  shared(target: number, leaf: number, leafBlocks: number): number {
    return leadingBlocks(promptBlocks(this.#forest, leaf, leafBlocks), this.#union(target));
  }

  #union(target: number): Set<string> {
    const union = new Set<string>();
    for (const active of this.#active.values()) {
      if (active.target === target) for (const block of active.blocks) union.add(block);
    }
    return union;
  }
}
