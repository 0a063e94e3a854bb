import type { Ns } from '#core/base/time.ts';
import { RowList } from '../engine/row-list.ts';
import type { PoolLinks } from './network/pool-links.ts';
import { type StreamedPrompt, StreamTable } from './stream-table.ts';
import type { Transfers } from './transfers.ts';

/** What prefill workers write about the prompts that they compute. */
export interface PrefillProgress {
  /** Adds the rows whose prompts the pass under way on a target computes. */
  listPrompts(target: number, rows: RowList): void;
  /** Tokens of a prompt that are computed when the pass under way ends. */
  computedTokens(row: number): number;
  /** Tokens that it found cached when it came into a batch; negative before that. */
  cachedTokens(row: number): number;
}

/**
 * KV caches that leave a prefill worker while the rest of their prompt is being computed. A stream
 * sends one piece after another: when one is across, all that is ready by then. A pass makes its
 * tokens ready when it ends or, layer by layer, while it runs: all layers but the last one go out
 * evenly until its end, and after it as fast as the links allow.
 */
export class KvStreams implements Transfers {
  readonly #links: PoolLinks;
  readonly #progress: PrefillProgress;
  /** Part of a pass's bytes that can leave before it ends: 0, or all layers but the last. */
  readonly #early: number;
  readonly #table = new StreamTable();
  /** Of each prefill target: the prompts that its last pass computes, in the order of their streams. */
  readonly #passing: readonly RowList[];
  /** Hand-offs that were all across when their prompt was done. */
  readonly #ended = new RowList();

  /** `layers`: those of the model, 1 where a pass is sent only when it ends. */
  constructor(links: PoolLinks, progress: PrefillProgress, targets: number, layers: number) {
    this.#links = links;
    this.#progress = progress;
    this.#early = 1 - 1 / layers;
    this.#passing = Array.from({ length: targets }, () => new RowList());
  }

  get nextEndNs(): Ns {
    return this.#links.network.nextEventNs;
  }

  /** A prompt has been routed to a prefill worker, and room for it stands on a decode worker. */
  open(prompt: StreamedPrompt): void {
    this.#table.open(prompt);
  }

  /** When the first piece of a request left; the moment itself where none has. */
  beganNs(row: number, nowNs: Ns): Ns {
    const beganNs = this.#table.beganNs[row]!;
    return beganNs < 0 ? nowNs : beganNs;
  }

  /** A pass has begun on a prefill target. */
  passBegan(target: number, endNs: Ns, nowNs: Ns): void {
    const table = this.#table;
    const passing = this.#passing[target]!;
    passing.clear();
    this.#progress.listPrompts(target, passing);
    if (passing.count > 1) passing.sortBy(table.order);
    const { count, rows } = passing;
    for (let entry = 0; entry < count; entry++) {
      const row = rows[entry]!;
      if (table.isOpen[row] === 0) continue;
      const after = this.#progress.computedTokens(row);
      const cached = this.#progress.cachedTokens(row);
      if (cached < 0 || after <= table.computed[row]!) continue;
      const before = Math.max(cached, table.computed[row]!);
      table.compute(row, before, after, endNs, this.#early);
      if (table.flow[row]! < 0) this.#send(row, nowNs);
    }
  }

  /** A pass has ended on a prefill target: its tokens, with the last layer, are ready. */
  passEnded(target: number, nowNs: Ns): void {
    const table = this.#table;
    const { count, rows } = this.#passing[target]!;
    for (let entry = 0; entry < count; entry++) {
      const row = rows[entry]!;
      if (table.isOpen[row] === 0 || table.passEndNs[row] !== nowNs) continue;
      table.ready[row] = Math.max(table.ready[row]!, table.readyWith(row, table.computed[row]!));
      if (table.flow[row]! < 0) this.#send(row, nowNs);
      else this.#links.network.setLimit(table.flow[row]!, this.#links.limit, nowNs);
    }
  }

  /** The prompt is computed, and what is left of it is sent. */
  start(row: number, _source: number, _destination: number, bytes: number, nowNs: Ns): void {
    const table = this.#table;
    table.isOpen[row] = 0;
    table.isWhole[row] = 1;
    table.ready[row] = bytes;
    if (table.flow[row]! >= 0) return;
    if (table.sent[row]! < bytes) this.#send(row, nowNs);
    else this.#ended.push(row);
  }

  takeEnded(nowNs: Ns): number {
    const table = this.#table;
    if (this.#ended.count > 0) return this.#ended.rows[--this.#ended.count]!;
    for (;;) {
      const row = this.#links.takeEnded(nowNs);
      if (row < 0) return -1;
      table.flow[row] = -1;
      this.#send(row, nowNs);
      if (table.flow[row]! < 0 && table.isWhole[row] === 1) return row;
    }
  }

  /** A request was turned away before its prompt was computed. */
  drop(row: number): void {
    this.#table.isOpen[row] = 0;
  }

  /** A request is given up, whether its prompt is computed or not. */
  cancel(row: number, nowNs: Ns): void {
    const table = this.#table;
    if (table.isWhole[row] === 0) this.drop(row);
    if (table.flow[row]! >= 0) this.#links.network.cancel(table.flow[row]!, nowNs);
    table.flow[row] = -1;
  }

  /** The next piece: what is ready, or else what the layers of this pass give until its end. */
  #send(row: number, nowNs: Ns): void {
    const table = this.#table;
    const { limit } = this.#links;
    const sent = table.sent[row]!;
    if (table.ready[row]! > sent) {
      this.#piece(row, table.ready[row]! - sent, limit, nowNs);
    } else if (table.coming[row]! > sent && table.passEndNs[row]! > nowNs) {
      const bytes = table.coming[row]! - sent;
      this.#piece(row, bytes, bytes / (table.passEndNs[row]! - nowNs), nowNs);
    }
  }

  #piece(row: number, bytes: number, pace: number, nowNs: Ns): void {
    const table = this.#table;
    const { source, destination } = table;
    if (table.beganNs[row]! < 0) table.beganNs[row] = nowNs;
    table.sent[row]! += bytes;
    const links = this.#links;
    table.flow[row] = links.start(row, source[row]!, destination[row]!, bytes, nowNs, pace);
  }
}
