import { growColumn } from '#core/base/columns.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';

/** A forest that tells the nodes apart that bear an id one after the other. */
export interface UnrolledForest extends BlockForest {
  /** node → a number that no other node has or had. */
  readonly serial: Float64Array;
}

/**
 * A path from the root to a leaf, unrolled into columns that are used again and again. What is asked
 * of a pool comes in strings of questions about one request, whose path stands here after the first.
 *
 *     node[step]     node on the path, the root's first
 *     blocks[step]   leading blocks of the node that the path uses
 */
export class PathSteps {
  count = 0;
  node = new Int32Array(16);
  blocks = new Int32Array(16);
  #serial = -1;
  #leafBlocks = 0;

  /** Unrolls the path that ends `leafBlocks` blocks into `leaf`, unless that was the last one. */
  load(forest: UnrolledForest, leaf: number, leafBlocks: number): void {
    const { parent, attach } = forest;
    const serial = leaf < 0 ? -1 : forest.serial[leaf]!;
    if (serial === this.#serial && leafBlocks === this.#leafBlocks) return;
    this.#serial = serial;
    this.#leafBlocks = leafBlocks;
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
