/** What happened to the events of one target, as totals since the start. */
export interface BookCounters {
  /** Blocks stored and removed, copies counted. */
  storedBlocks: number;
  removedBlocks: number;
  clears: number;
  /** Removals of blocks that nothing is known of. */
  unknownRemovals: number;
  /** Stores behind a block that nothing is known of. */
  unknownParents: number;
  /** Stores without tokens of blocks that nothing is known of. */
  unknownContents: number;
  /** Stores whose block size is not the configured one. */
  wrongBlockSizes: number;
  /** Stores with fewer tokens than their blocks hold. */
  shortStores: number;
  /** Blocks that came back under the same name with other content. */
  renamedBlocks: number;
  /** Events of other caches of a hybrid model. */
  otherGroups: number;
}

export function emptyCounters(): BookCounters {
  return {
    storedBlocks: 0,
    removedBlocks: 0,
    clears: 0,
    unknownRemovals: 0,
    unknownParents: 0,
    unknownContents: 0,
    wrongBlockSizes: 0,
    shortStores: 0,
    renamedBlocks: 0,
    otherGroups: 0,
  };
}

/** Why a book does not know all that its engine holds. */
export type BookLack =
  | 'unknown_parent'
  | 'unknown_content'
  | 'wrong_block_size'
  | 'short_store'
  | 'unreadable_event';
