/**
 * A block as its holder names it: block number and generation in one integer. When a block's last
 * holder lets go, its generation moves on, so that an old handle is recognised instead of reaching
 * somebody else's block.
 */
export type BlockHandle = number;

/** In the place of a handle: no block. */
export const NO_BLOCK = -1;

export const BLOCK_LIMIT = 2 ** 26;
export const GENERATION_LIMIT = 2 ** 27;

export function packHandle(block: number, generation: number): BlockHandle {
  return generation * BLOCK_LIMIT + block;
}

/** The block number; it stays the same over the block's lives. */
export function blockOf(handle: BlockHandle): number {
  return handle % BLOCK_LIMIT;
}

export function generationOf(handle: BlockHandle): number {
  return Math.floor(handle / BLOCK_LIMIT);
}
