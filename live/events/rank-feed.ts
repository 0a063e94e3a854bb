import { ownFaults } from '#live/faults.ts';
import { BlockBook, type BlockBookOptions } from './book/block-book.ts';
import type { BookCounters, BookLack } from './book/book-counters.ts';
import { DecodeError } from './decode/decode-error.ts';
import { decodeEngineBatch } from './decode/engine-batch.ts';
import type { DropReason, KvBatch } from './kv-event.ts';
import type { SessionSink } from './session/session-sink.ts';

export interface RankFeedOptions extends BlockBookOptions {
  readonly rank: number;
  /** Ranks of the engine: a batch of another rank counts only where there is one. */
  readonly ranks: number;
}

/** What happened to the batches of one rank, as totals since the start. */
export interface BatchCounters {
  events: number;
  /** Payloads that are no batch of KV events. */
  undecodable: number;
  /** Batches of another rank: ports that overlap, mostly. */
  otherRank: number;
  dropped: Record<DropReason, number>;
}

/** The batches of one data-parallel rank on their way into its book. Nothing that comes in throws. */
export class RankFeed implements SessionSink {
  readonly book: BlockBook;
  readonly batches: BatchCounters = {
    events: 0,
    undecodable: 0,
    otherRank: 0,
    dropped: { unknown_event: 0, unknown_medium: 0, not_local: 0 },
  };
  /** What was wrong with the last payload that could not be read. */
  lastProblem: string | undefined;
  readonly #rank: number;
  readonly #ranks: number;

  constructor(options: RankFeedOptions) {
    this.book = new BlockBook(options);
    this.#rank = options.rank;
    this.#ranks = options.ranks;
  }

  get blocks(): BookCounters {
    return this.book.counters;
  }

  get lack(): BookLack | undefined {
    return this.book.lack;
  }

  /** After a fault of ours the batch is as good as unreadable: nobody knows what was taken of it. */
  batch(payload: Uint8Array): 'applied' | 'cleared' | 'unreadable' {
    try {
      return this.take(decodeEngineBatch(payload));
    } catch (error) {
      this.lastProblem = error instanceof Error ? error.message : String(error);
      if (error instanceof DecodeError) this.batches.undecodable++;
      else ownFaults.meet('taking a batch of KV events', error);
      return 'unreadable';
    }
  }

  /** A batch that is decoded already. */
  take(batch: KvBatch): 'applied' | 'cleared' | 'unreadable' {
    const isOther = this.#ranks > 1 && batch.rank !== undefined && batch.rank !== this.#rank;
    if (isOther) {
      this.batches.otherRank++;
      this.lastProblem = `a batch of rank ${batch.rank} on the socket of rank ${this.#rank}`;
      return 'unreadable';
    }
    for (const { reason, word } of batch.dropped) {
      this.batches.dropped[reason]++;
      if (reason !== 'not_local') this.lastProblem = `${reason} "${word.slice(0, 40)}"`;
    }
    let cleared = false;
    for (const event of batch.events) {
      this.book.apply(event);
      if (event.kind === 'cleared') cleared = true;
    }
    this.batches.events += batch.events.length;
    return cleared ? 'cleared' : 'applied';
  }

  forget(): void {
    this.book.forget();
  }

  restart(): void {
    this.book.restart();
  }
}
