import { growColumn } from '#core/base/columns.ts';

/**
 * What each request holds in the pool of its worker; a row is a request.
 *
 *     path        ├ held ──────┤ not yet computed ┤   (leaf, leafBlocks), pathBlocks long
 *     beyond it                                     ├ generated tokens, reachable by it alone
 *
 *     leaf, leafBlocks   end of the path in the forest, −1 = no full block
 *     pathBlocks         full blocks from the root to there
 *     held               leading blocks of the path that it holds as visible copies
 *     duplicate          row of its own second copy of the path's last block, −1 = none
 */
export class HolderTable {
  leaf = new Int32Array(16);
  leafBlocks = new Int32Array(16);
  pathBlocks = new Int32Array(16);
  held = new Int32Array(16);
  duplicate = new Int32Array(16);

  /** Gives `request` a path and nothing held. */
  open(request: number, leaf: number, leafBlocks: number, pathBlocks: number): void {
    if (request >= this.leaf.length) this.#grow(request + 1);
    this.leaf[request] = leaf;
    this.leafBlocks[request] = leafBlocks;
    this.pathBlocks[request] = pathBlocks;
    this.held[request] = 0;
    this.duplicate[request] = -1;
  }

  #grow(rows: number): void {
    this.leaf = growColumn(this.leaf, rows);
    this.leafBlocks = growColumn(this.leafBlocks, rows);
    this.pathBlocks = growColumn(this.pathBlocks, rows);
    this.held = growColumn(this.held, rows);
    this.duplicate = growColumn(this.duplicate, rows);
  }
}
