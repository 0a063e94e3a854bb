/** From which load on a rank is overloaded; strictly above, and never by a threshold that is absent. */
export interface BusyThresholds {
  /** Prompt tokens still to be prefilled. */
  readonly activePrefillTokens?: number;
  /** The same as a part of maxNumBatchedTokens. */
  readonly activePrefillTokensFrac?: number;
  /** KV blocks in use, as a part of all that the rank has. */
  readonly activeDecodeBlocks?: number;
}
