/** How one file of a journal fares. */
export interface JournalFileStatus {
  readonly pool: string;
  /** The part that is being written, or at which the journal ended. */
  readonly file: string;
  /** Bytes that the disk has taken, over all parts, and those that wait for it. */
  readonly written_bytes: number;
  readonly waiting_bytes: number;
  /** Why the journal ended before the router did; null as long as it goes on. */
  readonly fault: string | null;
}
