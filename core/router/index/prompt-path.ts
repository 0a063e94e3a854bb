import { growColumn } from '#core/base/columns.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';

/**
 * The path of one prompt through the forest, root first; filled again for each prompt. Nodes that
 * the prompt does not use a block of are left out.
 *
 *     nodes[level]   node
 *     needs[level]   blocks of the node that the prompt uses, ≥ 1
 */
export class PromptPath {
  nodes = new Int32Array(16);
  needs = new Int32Array(16);
  depth = 0;
  /** Sum of `needs`: the full blocks of the prompt. */
  blocks = 0;

  /** The empty path. */
  clear(): void {
    this.depth = 0;
    this.blocks = 0;
  }

  /** Adds a node below the last one, of which the prompt uses `need` ≥ 1 blocks. */
  push(node: number, need: number): void {
    if (this.depth === this.nodes.length) this.#grow();
    this.nodes[this.depth] = node;
    this.needs[this.depth] = need;
    this.depth++;
    this.blocks += need;
  }

  /** Makes this the path of the prompt (leaf, leafBlocks); leaf −1 gives the empty path. */
  fill(forest: BlockForest, leaf: number, leafBlocks: number): void {
    const parent = forest.parent;
    const attach = forest.attach;
    this.clear();
    let need = leafBlocks;
    for (let node = leaf; node >= 0; node = parent[node]!) {
      if (need > 0) this.push(node, need);
      need = attach[node]!;
    }
    this.#reverse();
  }

  #grow(): void {
    this.nodes = growColumn(this.nodes, this.nodes.length + 1);
    this.needs = growColumn(this.needs, this.needs.length + 1);
  }

  #reverse(): void {
    const nodes = this.nodes;
    const needs = this.needs;
    for (let low = 0, high = this.depth - 1; low < high; low++, high--) {
      const node = nodes[low]!;
      const need = needs[low]!;
      nodes[low] = nodes[high]!;
      needs[low] = needs[high]!;
      nodes[high] = node;
      needs[high] = need;
    }
  }
}
