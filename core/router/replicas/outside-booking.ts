/** A request that another router has sent to a target of ours, in the words of `RouteQuery`. */
export interface OutsideBooking {
  /** Dense id, ≥ 0, from the same numbers as those of one's own requests. */
  request: number;
  target: number;
  /** The prompt in the block forest; −1 = no full block that could be shared. */
  leaf: number;
  /** Blocks used of the leaf. */
  leafBlocks: number;
  /** Full blocks of the path, and further blocks that no other prompt can share. */
  totalBlocks: number;
  tailBlocks: number;
  /** Prompt tokens that its target has to compute, as the other router booked them. */
  prefillTokens: number;
}

/** A booking of nothing, to be filled. */
export function newOutsideBooking(): OutsideBooking {
  return {
    request: 0,
    target: 0,
    leaf: -1,
    leafBlocks: 0,
    totalBlocks: 0,
    tailBlocks: 0,
    prefillTokens: 0,
  };
}
