/** The states of a block. In a column, hence numbers. */
export const BlockState = {
  /** Empty, in the free queue. */
  reset: 0,
  /** Handed out and being filled. */
  mutable: 1,
  /** Full and named, not yet visible. */
  staged: 2,
  /** The visible copy of its hash, held. */
  primary: 3,
  /** A further copy of a hash that has a primary; keeps that alive. */
  duplicate: 4,
  /** Visible, held by nobody: may be revived or evicted. */
  inactive: 5,
} as const;

export type BlockState = (typeof BlockState)[keyof typeof BlockState];

const NAMES = ['reset', 'mutable', 'staged', 'primary', 'duplicate', 'inactive'] as const;
export type BlockStateName = (typeof NAMES)[number];

export function blockStateName(state: number): BlockStateName {
  return NAMES[state]!;
}
