import { expect } from 'vitest';
import { ExtentEvent } from '#core/kv/extents/event-log.ts';
import type { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { PathSteps } from '#core/kv/extents/path.ts';
import { PromptForest, type PromptPath } from '#core/tokens/prompt-forest.ts';

/** A forest whose blocks have names, by which pools of single blocks know them. */
export class ForestNames {
  readonly forest: PromptForest;
  readonly #names = new Map<string, number>();
  readonly #ofNode = new Map<number, number[]>();
  /** The node of each named block; generated blocks are in none. */
  readonly #nodeOf = new Map<number, number>();
  readonly #visible = new Map<number, number>();

  constructor(unitBlocks: number) {
    this.forest = new PromptForest(unitBlocks);
  }

  /** Plants the first `blocks` blocks of the content `ids`, one a unit, and names them. */
  plant(ids: readonly number[], blocks: number): { path: PromptPath; names: number[] } {
    const path = { leaf: -1, leafBlocks: 0 };
    this.forest.intern(Uint32Array.from(ids), 0, blocks, path);
    const names = Array.from({ length: blocks }, (_, block) => this.#nameOf(ids, block));
    this.#nameNodes(path, names);
    return { path, names };
  }

  /** Whether two named blocks belong to one node. */
  together(name: number, next: number): boolean {
    return this.#nodeOf.get(name) === this.#nodeOf.get(next);
  }

  /** The events of a pool, block by block. */
  drain({ events }: ExtentPool): string[] {
    const told: string[] = [];
    for (let entry = 0; entry < events.count; entry++) {
      const node = events.node[entry]!;
      const names = this.#ofNode.get(node)!;
      const before = this.#visible.get(node) ?? 0;
      const after = events.blocks[entry]!;
      const isStored = events.kind[entry] === ExtentEvent.stored;
      for (let at = before; at < after; at++) told.push(`stored ${names[at]}`);
      for (let at = before - 1; at >= after; at--) told.push(`removed ${names[at]}`);
      expect(isStored ? after > before : after < before).toBe(true);
      this.#visible.set(node, after);
      if (!isStored && after === 0) this.forest.release(node);
    }
    events.clear();
    return told;
  }

  #nameOf(ids: readonly number[], block: number): number {
    const unit = Math.floor(block / this.forest.unitBlocks);
    const content = `${block} ${ids.slice(0, unit + 1).join()}`;
    const name = this.#names.get(content) ?? this.#names.size;
    this.#names.set(content, name);
    return name;
  }

  /** Notes which block of a node has which name. */
  #nameNodes({ leaf, leafBlocks }: PromptPath, names: readonly number[]): void {
    const steps = new PathSteps();
    steps.load(this.forest, leaf, leafBlocks);
    let block = 0;
    for (let step = 0; step < steps.count; step++) {
      const node = steps.node[step]!;
      const known = this.#ofNode.get(node) ?? [];
      for (let at = 0; at < steps.blocks[step]!; at++) {
        this.#nodeOf.set(names[block]!, node);
        known[at] = names[block++]!;
      }
      this.#ofNode.set(node, known);
    }
  }
}
