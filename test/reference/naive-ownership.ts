import type { BlockForest } from '#core/tokens/block-forest.ts';
import { leadingBlocks, promptBlocks } from './random-forest.ts';

/** The ownership index as one set of block names a target. */
export class NaiveOwnership {
  readonly #forest: BlockForest;
  readonly #held: Set<string>[];

  constructor(forest: BlockForest, targets: number) {
    this.#forest = forest;
    this.#held = Array.from({ length: targets }, () => new Set<string>());
  }

  stored(target: number, node: number, blocks: number): void {
    for (let offset = 0; offset < blocks; offset++) this.#held[target]!.add(`${node}:${offset}`);
  }

  removed(target: number, node: number, keep: number): void {
    for (const block of [...this.#held[target]!]) {
      const [owner, offset] = block.split(':').map(Number);
      if (owner === node && offset! >= keep) this.#held[target]!.delete(block);
    }
  }

  cleared(target: number): void {
    this.#held[target]!.clear();
  }

  freeNode(node: number): void {
    for (let target = 0; target < this.#held.length; target++) this.removed(target, node, 0);
  }

  blocksOf(target: number): number {
    return this.#held[target]!.size;
  }

  match(leaf: number, leafBlocks: number): number[] {
    const prompt = promptBlocks(this.#forest, leaf, leafBlocks);
    return this.#held.map((held) => leadingBlocks(prompt, held));
  }
}
