import type { BlockForest } from '#core/tokens/block-forest.ts';
import { promptBlocks } from './random-forest.ts';

interface Generating {
  readonly target: number;
  readonly blocks: readonly string[];
  /** What each of its output blocks counts for. */
  outputs: number[];
}

/** Blocks with weights, each on its own: the load with output blocks counted the obvious way. */
export class NaiveOutputBlocks {
  readonly #forest: BlockForest;
  readonly #active = new Map<number, Generating>();
  /** `target/block` → what it counts for, where that is not a whole block. */
  readonly #weights = new Map<string, number>();

  constructor(forest: BlockForest) {
    this.#forest = forest;
  }

  isActive(request: number): boolean {
    return this.#active.has(request);
  }

  add(request: number, target: number, leaf: number, leafBlocks: number): void {
    const blocks = promptBlocks(this.#forest, leaf, leafBlocks);
    this.#active.set(request, { target, blocks, outputs: [] });
  }

  addOutputBlock(request: number, fraction: number | undefined): void {
    const generating = this.#active.get(request)!;
    generating.outputs.push(1);
    if (fraction === undefined) return;
    generating.outputs = generating.outputs.map(() => fraction);
    for (const block of generating.blocks.toReversed()) {
      if (this.#users(generating.target, block) > 1) return;
      this.#weights.set(`${generating.target}/${block}`, fraction);
    }
  }

  free(request: number): void {
    const gone = this.#active.get(request);
    if (gone === undefined) return;
    this.#active.delete(request);
    for (const block of gone.blocks) {
      if (this.#users(gone.target, block) === 0) this.#weights.delete(`${gone.target}/${block}`);
    }
  }

  /** Active blocks of the target, rounded half up. */
  blocksOn(target: number): number {
    const mine = [...this.#active.values()].filter((request) => request.target === target);
    const prompt = new Set(mine.flatMap(({ blocks }) => blocks));
    let total = 0;
    for (const block of prompt) total += this.#weights.get(`${target}/${block}`) ?? 1;
    for (const { outputs } of mine) for (const weight of outputs) total += weight;
    return Math.floor(total + 0.5);
  }

  #users(target: number, block: string): number {
    let users = 0;
    for (const request of this.#active.values()) {
      if (request.target === target && request.blocks.includes(block)) users++;
    }
    return users;
  }
}
