/** Where a request stands whose prompt and output are computed by two workers, on one of the two. */
export const Leg = {
  /** It is not handed over here, or no longer. */
  none: 0,
  /** Its prompt is computed and held. */
  held: 1,
  /** It gives its blocks, or its wish for some, back when the pass ends. */
  leaving: 2,
  /** Blocks for its prompt have been asked for. */
  asked: 3,
  /** It has them; they are being filled. */
  reserved: 4,
  /** They are filled. */
  active: 5,
  /** It has lost them and computes its prompt here. */
  lost: 6,
} as const;

export type Leg = (typeof Leg)[keyof typeof Leg];
