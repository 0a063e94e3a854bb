import { growColumn } from '#core/base/columns.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';

/**
 * A path from the root to a leaf, unrolled into columns that are used again and again.
 *
 *     node[step]     node on the path, the root's first
 *     blocks[step]   leading blocks of the node that the path uses
 */
export class PathSteps {
  count = 0;
  node = new Int32Array(16);
  blocks = new Int32Array(16);

  /** Unrolls the path that ends `leafBlocks` blocks into `leaf`. */
  load(forest: BlockForest, leaf: number, leafBlocks: number): void {
    const { parent, attach } = forest;
    let count = 0;
    for (let node = leaf; node >= 0; node = parent[node]!) count++;
    this.node = growColumn(this.node, count);
    this.blocks = growColumn(this.blocks, count);
    this.count = count;
    let blocks = leafBlocks;
    for (let node = leaf; node >= 0; node = parent[node]!) {
      count--;
      this.node[count] = node;
      this.blocks[count] = blocks;
      blocks = attach[node]!;
    }
  }
}
