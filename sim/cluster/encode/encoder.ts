import { msToNs, type Ns } from '#core/base/time.ts';
import type { EncodeEntry } from '#core/config/pools.ts';
import type { TraceMedia } from '#traces/media.ts';
import { RowList } from '../../engine/row-list.ts';
import { EncodeCache } from './encode-cache.ts';
import { type EncodeTable, Encoding } from './encode-table.ts';

/**
 * One worker that encodes. Requests wait first come, first served; a pass takes items from the head of
 * the queue until it is full, each once, however many requests have it. An item is looked for in the
 * cache when its turn comes, so one that was encoded for somebody else meanwhile costs nothing.
 *
 *     pass takes  base_ms + items · ms_per_item
 */
export class Encoder {
  readonly cache: EncodeCache;
  /** What it did: time in passes that have ended, passes that have begun, items of both. */
  busyNs: Ns = 0;
  passes = 0;
  encodedItems = 0;
  /** Infinite when no pass is under way. */
  passEndNs: Ns = Number.POSITIVE_INFINITY;
  readonly #settings: EncodeEntry['encode'];
  readonly #table: EncodeTable;
  readonly #media: ReadonlyMap<number, TraceMedia>;
  readonly #queue = new RowList();
  /** Items of the queue that have not been looked for. */
  #unlooked = 0;
  /** Items of the pass under way, few of them. */
  readonly #pass: number[] = [];
  #passBeganNs: Ns = 0;
  /** Requests whose last item is in the pass. */
  readonly #riders = new RowList();

  constructor(
    settings: EncodeEntry['encode'],
    table: EncodeTable,
    media: ReadonlyMap<number, TraceMedia>,
  ) {
    this.cache = new EncodeCache(settings.cache_items);
    this.#settings = settings;
    this.#table = table;
    this.#media = media;
  }

  /** Items that it has still to look for, and those that it is encoding. */
  get load(): number {
    return this.#unlooked + this.#pass.length;
  }

  /** Requests that have not got to the end of its queue. */
  get queued(): number {
    return this.#queue.count;
  }

  enqueue(row: number): void {
    this.#queue.push(row);
    this.#unlooked += this.#table.unlooked(row);
  }

  /** A client has left: nobody waits for the request any more. What is in the pass is encoded anyway. */
  leave(row: number): void {
    const at = this.#queue.indexOf(row);
    if (at < 0) return;
    this.#queue.removeAt(at);
    this.#unlooked -= this.#table.unlooked(row);
  }

  /**
   * Begins a pass where there is none and somebody waits. Writes to `found` the requests all of whose
   * items have turned out to be there; true when a pass has begun.
   */
  begin(nowNs: Ns, found: RowList): boolean {
    if (this.#pass.length > 0) return false;
    const queue = this.#queue;
    let taken = 0;
    while (taken < queue.count && this.#look(queue.rows[taken]!, nowNs, found)) taken++;
    queue.removeFirst(taken);
    if (this.#pass.length === 0) return false;
    const { base_ms, ms_per_item } = this.#settings;
    this.#passBeganNs = nowNs;
    this.passEndNs = nowNs + msToNs(base_ms + this.#pass.length * ms_per_item);
    this.passes++;
    return true;
  }

  /** Ends the pass; writes to `encoded` the requests that have now all that they came for. */
  end(encoded: RowList): void {
    this.busyNs += this.passEndNs - this.#passBeganNs;
    this.passEndNs = Number.POSITIVE_INFINITY;
    this.encodedItems += this.#pass.length;
    for (const item of this.#pass) this.cache.add(item);
    this.#pass.length = 0;
    for (let index = 0; index < this.#riders.count; index++) {
      const row = this.#riders.rows[index]!;
      if (this.#table.state[row] === Encoding.waiting) encoded.push(row);
    }
    this.#riders.clear();
  }

  /** Looks for the items of a request, and takes in what is missing; false when the pass is full. */
  #look(row: number, nowNs: Ns, found: RowList): boolean {
    const table = this.#table;
    const media = this.#media.get(row)!;
    const pass = this.#pass;
    let rides = false;
    for (let at = table.looked[row]!; at < media.length; at++) {
      const item = media[at]!;
      const shares = pass.includes(item);
      const isCached = !shares && this.cache.use(item);
      if (!shares && !isCached) {
        if (pass.length >= this.#settings.batch_items) return false;
        pass.push(item);
      }
      rides ||= !isCached;
      table.look(row, shares || isCached, nowNs);
      this.#unlooked--;
    }
    (rides ? this.#riders : found).push(row);
    return true;
  }
}
