import type { KvFeedStatus } from '../feed-status.ts';
import type { RankFeed } from '../rank-feed.ts';
import { emptySessionCounters, type SessionLack } from '../session/session-status.ts';
import type { LoggedEvent } from './read-events.ts';

const FIRST_ID = 0;

/**
 * The log of one rank, as polling empties it. Numbers that were skipped went to another poller or were
 * pushed out of the engine's buffer; nobody can bring them back.
 */
export class EventLog {
  readonly #feed: RankFeed;
  readonly #counters = emptySessionCounters();
  #next: number | undefined;
  #window = 0;
  #complete = true;
  #lack: SessionLack | undefined;
  #heard = false;

  constructor(feed: RankFeed) {
    this.#feed = feed;
  }

  /** The poll was answered, with events or without. */
  heard(): void {
    this.#heard = true;
  }

  take(event: LoggedEvent): void {
    this.#follow(event);
    this.#next = event.id + 1;
    // Hybrid models have a cache for each window; only the largest keeps whole prompts.
    if (event.window < this.#window) return;
    this.#window = event.window;
    this.#counters.batches++;
    this.#feed.take({ timeS: undefined, rank: undefined, events: event.events, dropped: [] });
  }

  /** An answer could not be read; what was in it is gone. */
  missed(): void {
    this.#counters.unreadable++;
    this.#lose('unreadable_batch');
  }

  status(name: string, rank: number, target: number): KvFeedStatus {
    const { lack } = this.#feed;
    const isWhole = this.#complete && lack === undefined;
    return {
      name,
      rank,
      target,
      state: this.#heard ? (isWhole ? 'unverified' : 'degraded') : 'connecting',
      lack: this.#lack ?? lack,
      lastProblem: this.#feed.lastProblem,
      session: this.#counters,
      batches: this.#feed.batches,
      blocks: this.#feed.blocks,
    };
  }

  close(): void {
    this.#feed.book.forget();
  }

  #follow({ id, created }: LoggedEvent): void {
    const isFirst = this.#next === undefined;
    const beginsAnew = created && (isFirst || id < this.#next!);
    if (beginsAnew || (isFirst && id === FIRST_ID)) {
      if (!isFirst) this.#counters.restarts++;
      this.#complete = true;
      this.#lack = undefined;
      this.#feed.restart();
    } else if (isFirst) {
      this.#lose('late_start');
    } else if (id !== this.#next) {
      this.#counters.gaps++;
      this.#lose('gap');
    }
  }

  #lose(lack: SessionLack): void {
    this.#complete = false;
    this.#lack = lack;
    this.#feed.forget();
  }
}
