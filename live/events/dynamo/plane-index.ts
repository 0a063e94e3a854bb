import { ownFaults } from '#live/faults.ts';
import type { BlockFacts } from '../block-facts.ts';
import { BlockBook } from '../book/block-book.ts';
import { DecodeError } from '../decode/decode-error.ts';
import type { SessionState } from '../session/session-status.ts';
import { EventCursor } from './event-cursor.ts';
import type { RouterEvent } from './router-event.ts';

/** The target of a worker's rank, undefined = nobody that is known here. */
export type TargetOfWorker = (worker: bigint, rank: number) => number | undefined;

export interface PlaneCounters {
  events: number;
  /** Events of workers that are not known here. */
  unknownWorkers: number;
  stale: number;
  /** Times that events were missed. */
  gaps: number;
  /** Times that a rank's publisher began anew. */
  restarts: number;
}

/** What a message says, and who has sent it. */
export interface PlaneMessage {
  readonly publisher: number;
  readonly events: readonly RouterEvent[];
}

interface RankBook {
  readonly book: BlockBook;
  readonly cursor: EventCursor;
  complete: boolean;
}

/** What router events say of every worker, in a book for each rank. */
export class PlaneIndex {
  /** Messages that are none of the event plane. */
  undecodable = 0;
  readonly counters: PlaneCounters = {
    events: 0,
    unknownWorkers: 0,
    stale: 0,
    gaps: 0,
    restarts: 0,
  };
  readonly #facts: BlockFacts;
  readonly #targetOf: TargetOfWorker;
  readonly #ranks = new Map<number, RankBook>();

  constructor(facts: BlockFacts, targetOf: TargetOfWorker) {
    this.#facts = facts;
    this.#targetOf = targetOf;
  }

  /**
   * Takes a message, whatever it is: one that cannot be read is counted and changes nothing. After a
   * fault of ours nobody knows what was taken of it, and all ranks are forgotten.
   */
  take(read: () => PlaneMessage): void {
    try {
      const { publisher, events } = read();
      for (const event of events) this.apply(publisher, event);
    } catch (error) {
      if (error instanceof DecodeError) {
        this.undecodable++;
        return;
      }
      ownFaults.meet('taking a message of the event plane', error);
      this.forget();
    }
  }

  /** Takes an event that `publisher` sent. */
  apply(publisher: number, { worker, rank, id, event }: RouterEvent): void {
    const target = this.#targetOf(worker, rank);
    if (target === undefined) {
      this.counters.unknownWorkers++;
      return;
    }
    const known = this.#rankOf(target);
    const verdict = known.cursor.take(publisher, id);
    if (verdict === 'stale') {
      this.counters.stale++;
      return;
    }
    if (verdict === 'anew') {
      this.counters.restarts++;
      known.book.restart();
      known.complete = true;
    } else if (verdict === 'missed') {
      this.counters.gaps++;
      known.book.forget();
      known.complete = false;
    }
    if (event.kind === 'cleared') known.complete = true;
    this.counters.events++;
    known.book.apply(event);
  }

  /**
   * Takes what a dump says that ranks hold; the events that follow may have any number. `isWhole`:
   * nothing is missing between the dump and those.
   */
  load(events: readonly RouterEvent[], isWhole: boolean): void {
    for (const { worker, rank, event } of events) {
      const target = this.#targetOf(worker, rank);
      if (target === undefined) {
        this.counters.unknownWorkers++;
        continue;
      }
      const known = this.#rankOf(target);
      known.complete = isWhole;
      known.cursor.adopt();
      known.book.apply(event);
    }
  }

  /** What was heard of every rank does not count any more; each is degraded until it is told anew. */
  forget(): void {
    for (const [target, { book }] of this.#ranks) {
      book.forget();
      this.#ranks.set(target, { book, cursor: new EventCursor(), complete: false });
    }
  }

  /** Unverified at best: nobody confirms that the last event was the last. */
  stateOf(target: number): SessionState {
    const known = this.#ranks.get(target);
    if (known === undefined) return 'connecting';
    return known.complete && known.book.lack === undefined ? 'unverified' : 'degraded';
  }

  /** The worker's rank has left. */
  remove(target: number): void {
    this.#ranks.get(target)?.book.forget();
    this.#ranks.delete(target);
  }

  close(): void {
    for (const { book } of this.#ranks.values()) book.forget();
    this.#ranks.clear();
  }

  #rankOf(target: number): RankBook {
    const known = this.#ranks.get(target);
    if (known !== undefined) return known;
    // Hashes come ready made, so that no block size is asked for.
    const book = new BlockBook({ target, blockSize: 1, facts: this.#facts, countsCopies: false });
    const opened = { book, cursor: new EventCursor(), complete: false };
    this.#ranks.set(target, opened);
    return opened;
  }
}
