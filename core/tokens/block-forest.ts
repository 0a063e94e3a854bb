/**
 * Prompts as paths in a forest of extents. A node is a run of engine blocks that always travel
 * together; a child hangs at a block offset inside its parent. A prompt is (leaf, leafBlocks): the
 * leaf is used for its first `leafBlocks` blocks, and every ancestor up to where its child hangs.
 * Leaf −1 is a prompt without a full block.
 *
 *     node      0 ████████████        length[0] = 12
 *     node      1      └──█████       parent[1] = 0, attach[1] = 5, length[1] = 5
 *     prompt (1, 3) = blocks 0…4 of node 0, then blocks 0…2 of node 1
 *
 * The columns may be replaced when they grow, so they are read through the object each time. Ids
 * are dense and may be reused after a node is freed; a node that is in use keeps parent and attach.
 */
export interface BlockForest {
  /** node → its parent, −1 = root. */
  readonly parent: Int32Array;
  /** node → blocks of the parent that precede it. */
  readonly attach: Int32Array;
  /** node → blocks in it. */
  readonly length: Int32Array;
}
