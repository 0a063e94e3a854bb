/** The requests of one rank that decode: what a scheduler asks of them, with speculation or without. */
export interface DecodeMembers {
  readonly size: number;
  /** Σ known tokens of the members. */
  readonly contextTokens: number;
  /** Tokens of the budget that a pass spends on them. */
  readonly tokensPerPass: number;
  /** Output tokens of the last pass beside the first of each member. */
  readonly extraTokens: number;
  /** Passes until the first member ends; at least 1. */
  readonly passesToEnd: number;
  /**
   * A request joins with `known` tokens, of which the last is not computed, `left` to come, and
   * `owned` blocks.
   */
  add(row: number, known: number, left: number, owned: number): void;
  /** All members got the tokens of `passes` passes. */
  advance(passes: number): void;
  /** A member whose last token has come, or −1; it stays until it is removed. */
  firstEnded(): number;
  /** Tokens that a member still has to generate. */
  left(row: number): number;
  /** The request in a slot below `size`, and what it still has to generate. */
  rowAt(slot: number): number;
  leftAt(slot: number): number;
  /** Blocks that a member takes in the next pass. */
  blocksFor(row: number): number;
  /** A member has taken the blocks of the next pass, or all have. */
  took(row: number): void;
  tookAll(): void;
  /** Blocks of a member with `computed` tokens computed, or about to be. */
  ownedBlocks(row: number, computed: number): number;
  /** Passes since the rank began. */
  readonly step: number;
  /** The pass in which the last page of a member was filled, the very last token left out. */
  lastFilled(row: number): number;
  /** Takes out a member that knows `known` tokens. */
  remove(row: number, known: number): void;
  /** Blocks that the next `passes` passes take. */
  blocksNeeded(passes: number): number;
  /** The most passes, up to `limit`, that take no more than `blocks` blocks. */
  passesWithin(blocks: number, limit: number): number;
}
