import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { Ns } from '#core/base/time.ts';
import type { EncodeEntry } from '#core/config/pools.ts';
import type { TraceMedia } from '#traces/media.ts';
import { RowList } from '../../engine/row-list.ts';
import type { RequestTable } from '../../workload/request-table.ts';
import type { Transfers } from '../transfers.ts';
import { EncodeTable, Encoding } from './encode-table.ts';
import { Encoder } from './encoder.ts';

/**
 * The workers that encode the items of requests, before any router is asked for a worker. A request
 * goes to the encoder that holds most of its items, among equals to the one with the least to do; when
 * that one holds all of them it waits for nobody.
 */
export class EncodeStage {
  readonly table: EncodeTable = new EncodeTable();
  readonly encoders: readonly Encoder[];
  /** Requests that wait, or whose embeddings are on their way. */
  underWay = 0;
  readonly #media: ReadonlyMap<number, TraceMedia>;
  readonly #transfers: Transfers;
  readonly #bytesPerItem: number;
  /** Encoders by the ends of their passes. */
  readonly #ends = new IndexedHeap();
  /** Requests that found all their items when a pass began, at that moment. */
  readonly #found = new RowList();
  #foundNs: Ns = 0;
  /** Scratch: requests that a pass was the last of. */
  readonly #encoded = new RowList();

  constructor(
    { workers, encode }: Pick<EncodeEntry, 'workers' | 'encode'>,
    { media }: Pick<RequestTable, 'media'>,
    transfers: Transfers,
  ) {
    this.encoders = Array.from({ length: workers }, () => new Encoder(encode, this.table, media));
    this.#media = media;
    this.#transfers = transfers;
    this.#bytesPerItem = encode.bytes_per_item ?? 0;
  }

  /** When something ends next: a pass, a transfer, or the wait of a request; infinite without any. */
  get nextNs(): Ns {
    if (this.underWay === 0 && this.#ends.size === 0) return Number.POSITIVE_INFINITY;
    if (this.#found.count > 0) return this.#foundNs;
    const passEndNs = this.#ends.size === 0 ? Number.POSITIVE_INFINITY : this.#ends.firstKey;
    return Math.min(passEndNs, this.#transfers.nextEndNs);
  }

  /** Items encoded so far. */
  get encodedItems(): number {
    return this.encoders.reduce((items, encoder) => items + encoder.encodedItems, 0);
  }

  /** A request arrives; true when it is to wait for its embeddings. */
  arrive(row: number, nowNs: Ns): boolean {
    const media = this.#media.get(row);
    if (media === undefined) return false;
    const chosen = this.#choose(media);
    const encoder = this.encoders[chosen]!;
    this.table.open(row, chosen, media.length);
    if (media.every((item) => encoder.cache.has(item))) {
      for (const item of media) this.table.look(row, encoder.cache.use(item), nowNs);
      if (!this.#send(row, nowNs)) return false;
    } else encoder.enqueue(row);
    this.underWay++;
    return true;
  }

  /** Whether a request waits for its embeddings. */
  has(row: number): boolean {
    const { state, count } = this.table;
    if (row >= count) return false;
    return state[row] === Encoding.waiting || state[row] === Encoding.sending;
  }

  /** The client of a request that waits has left. */
  leave(row: number, nowNs: Ns): void {
    const { state, encoder } = this.table;
    if (state[row] === Encoding.sending) this.#transfers.cancel(row, nowNs);
    else this.encoders[encoder[row]!]!.leave(row);
    state[row] = Encoding.left;
    this.underWay--;
    const at = this.#found.indexOf(row);
    if (at >= 0) this.#found.removeAt(at);
  }

  /** Ends what ends now; writes to `entered` the requests that the router is now to be asked about. */
  advance(nowNs: Ns, entered: RowList): void {
    const found = this.#found;
    this.#sendAll(found, nowNs, entered);
    while (this.#ends.size > 0 && this.#ends.firstKey === nowNs) {
      this.encoders[this.#ends.pop()]!.end(this.#encoded);
      this.#sendAll(this.#encoded, nowNs, entered);
    }
    for (;;) {
      const row = this.#transfers.takeEnded(nowNs);
      if (row < 0) return;
      this.#enter(row, nowNs);
      this.underWay--;
      entered.push(row);
    }
  }

  /** Begins the passes that can begin, when all that happens at this moment is known. */
  beginPasses(nowNs: Ns): void {
    if (this.underWay === 0) return;
    for (const [index, encoder] of this.encoders.entries()) {
      if (!encoder.begin(nowNs, this.#found)) continue;
      this.#ends.push(index, encoder.passEndNs, index);
    }
    this.#foundNs = nowNs;
  }

  #sendAll(rows: RowList, nowNs: Ns, entered: RowList): void {
    for (let index = 0; index < rows.count; index++) {
      const row = rows.rows[index]!;
      if (this.#send(row, nowNs)) continue;
      this.underWay--;
      entered.push(row);
    }
    rows.clear();
  }

  /** All embeddings of a request are there; true when they have a way to go yet. */
  #send(row: number, nowNs: Ns): boolean {
    const { table } = this;
    table.encodedNs[row] = nowNs;
    if (this.#bytesPerItem === 0) {
      this.#enter(row, nowNs);
      return false;
    }
    table.state[row] = Encoding.sending;
    const bytes = this.#bytesPerItem * table.items[row]!;
    this.#transfers.start(row, table.encoder[row]!, -1, bytes, nowNs);
    return true;
  }

  #enter(row: number, nowNs: Ns): void {
    this.table.state[row] = Encoding.entered;
    this.table.enteredNs[row] = nowNs;
  }

  #choose(media: TraceMedia): number {
    let best = 0;
    let most = -1;
    let least = 0;
    for (const [index, { cache, load }] of this.encoders.entries()) {
      let held = 0;
      for (const item of media) if (cache.has(item)) held++;
      if (held < most || (held === most && load >= least)) continue;
      best = index;
      most = held;
      least = load;
    }
    return best;
  }
}
