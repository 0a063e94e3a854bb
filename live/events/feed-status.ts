import type { BookCounters, BookLack } from './book/book-counters.ts';
import type { BatchCounters } from './rank-feed.ts';
import type { SessionCounters, SessionLack, SessionState } from './session/session-status.ts';

/** What is known of the events of one target. */
export interface KvFeedStatus {
  /** The engine's name, and its data-parallel rank. */
  readonly name: string;
  readonly rank: number;
  readonly target: number;
  readonly state: SessionState;
  /** Why the state is not exact. */
  readonly lack: SessionLack | BookLack | undefined;
  /** What was wrong with the last message that could not be used. */
  readonly lastProblem: string | undefined;
  readonly session: Readonly<SessionCounters>;
  readonly batches: Readonly<BatchCounters>;
  readonly blocks: Readonly<BookCounters>;
}

/** The events of some ranks of one engine, from wherever they come. */
export interface KvFeed {
  /** One status a rank. */
  statuses(): readonly KvFeedStatus[];
  close(): Promise<void>;
}
