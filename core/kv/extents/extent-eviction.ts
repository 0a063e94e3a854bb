import { assert } from '#core/base/assert.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { DuplicateTable } from './duplicate-table.ts';
import { ExtentEvent, type ExtentEventLog } from './event-log.ts';
import type { ExtentTables } from './extent-tables.ts';
import type { HolderTable } from './holder-table.ts';
import type { ScoredOrder } from './order/scored-order.ts';
import type { TouchOrder } from './order/touch-order.ts';
import type { ResidencyTable } from './residency-table.ts';
import type { RunList } from './run-list.ts';

/**
 * Takes the oldest inactive blocks out of a pool's tables, run by run. Where the first copy of a
 * block goes and a second one is left, that one takes its place, and nobody is told.
 */
export class ExtentEviction {
  readonly #forest: PromptForest;
  readonly #holders: HolderTable;
  readonly #residencies: ResidencyTable;
  readonly #runs: RunList;
  readonly #duplicates: DuplicateTable;
  readonly #events: ExtentEventLog;
  readonly #order: ScoredOrder | undefined;
  readonly #touches: TouchOrder | undefined;

  constructor(tables: ExtentTables) {
    this.#forest = tables.forest;
    this.#holders = tables.holders;
    this.#residencies = tables.residencies;
    this.#runs = tables.runs;
    this.#duplicates = tables.duplicates;
    this.#events = tables.events;
    this.#order = tables.order;
    this.#touches = tables.touches;
  }

  /** Evicts `blocks` blocks, of which there must be as many; the caller counts them. */
  evict(blocks: number): void {
    const runs = this.#runs;
    let left = blocks;
    while (left > 0) {
      const run = this.#order === undefined ? runs.oldest : this.#order.next();
      const row = runs.residency[run]!;
      const duplicate = runs.duplicate[run]!;
      if (duplicate >= 0) {
        this.#order?.gone(run);
        runs.remove(run);
        this.#forgetDuplicate(row, duplicate);
        left--;
      } else if (this.#residencies.duplicates[row]! >= 0) {
        if (runs.to[run]! < this.#residencies.resident[row]!) this.#replaceLast(run);
        else this.#evictFrom(run, 1);
        left--;
      } else {
        const from = Math.max(runs.from[run]!, this.#order?.anchored(row) ?? 0);
        const taken = Math.min(left, runs.to[run]! - from);
        this.#evictFrom(run, taken);
        left -= taken;
      }
      this.#closeIfEmpty(row);
    }
  }

  /** Evicts the deepest `count` blocks of the oldest run. */
  #evictFrom(run: number, count: number): void {
    const runs = this.#runs;
    const row = runs.residency[run]!;
    const residencies = this.#residencies;
    const to = runs.to[run]! - count;
    assert(
      residencies.resident[row] === to + count,
      'a block deeper than the oldest run is cached',
    );
    runs.to[run] = to;
    let bottom = run;
    if (to === runs.from[run]) {
      bottom = runs.shallower[run]!;
      if (bottom >= 0) runs.deeper[bottom] = -1;
      else residencies.topRun[row] = -1;
      this.#order?.gone(run);
      runs.remove(run);
    }
    if (residencies.duplicates[row]! >= 0 && this.#promoteDuplicate(row, to)) {
      if (bottom >= 0) this.#order?.gone(bottom);
      return;
    }
    if (bottom >= 0) this.#order?.settle(bottom);
    residencies.resident[row] = to;
    const node = residencies.node[row]!;
    if (!this.#forest.isPrivate(node)) this.#events.push(ExtentEvent.removed, node, to);
  }

  /**
   * Evicts the deepest block of a run behind which newer ones lie: those of a request that had a second
   * copy of that very block, which takes its place.
   */
  #replaceLast(run: number): void {
    const runs = this.#runs;
    const row = runs.residency[run]!;
    const index = runs.to[run]! - 1;
    const duplicates = this.#duplicates;
    const duplicate = duplicates.find(this.#residencies.duplicates[row]!, index);
    assert(duplicate >= 0, 'a newer block lies behind the oldest run');
    const below = runs.deeper[run]!;
    let above = run;
    runs.to[run] = index;
    if (index === runs.from[run]) {
      above = runs.shallower[run]!;
      runs.remove(run);
    }
    const holder = duplicates.holder[duplicate]!;
    if (holder >= 0) {
      this.#takeHold(row, index, holder);
      this.#joinRuns(row, above, below);
    } else {
      const copy = duplicates.run[duplicate]!;
      runs.duplicate[copy] = -1;
      this.#joinRuns(row, above, copy);
      this.#joinRuns(row, copy, below);
    }
    this.#forgetDuplicate(row, duplicate);
  }

  /** Two runs of a residency, one behind the other; −1 = none. */
  #joinRuns(row: number, above: number, below: number): void {
    if (above >= 0) this.#runs.deeper[above] = below;
    else this.#residencies.topRun[row] = below;
    if (below >= 0) this.#runs.shallower[below] = above;
  }

  /** The second copy that a request holds becomes the one that it holds with all before it. */
  #takeHold(row: number, index: number, holder: number): void {
    if (index > 0) this.#residencies.removeHold(row, index);
    this.#residencies.addHold(row, index + 1);
    this.#holders.held[holder]!++;
    this.#holders.duplicate[holder] = -1;
  }

  /** The oldest second copy of a block whose first copy was evicted takes its place, if there is one. */
  #promoteDuplicate(row: number, index: number): boolean {
    const duplicates = this.#duplicates;
    const duplicate = duplicates.find(this.#residencies.duplicates[row]!, index);
    if (duplicate < 0) return false;
    const holder = duplicates.holder[duplicate]!;
    if (holder >= 0) {
      this.#takeHold(row, index, holder);
    } else {
      const run = duplicates.run[duplicate]!;
      this.#runs.duplicate[run] = -1;
      let bottom = this.#residencies.topRun[row]!;
      while (bottom >= 0 && this.#runs.deeper[bottom]! >= 0) bottom = this.#runs.deeper[bottom]!;
      this.#joinRuns(row, bottom, run);
    }
    this.#forgetDuplicate(row, duplicate);
    return true;
  }

  #forgetDuplicate(row: number, duplicate: number): void {
    const head = this.#residencies.duplicates[row]!;
    this.#residencies.duplicates[row] = this.#duplicates.close(duplicate, head);
    this.#order?.settleBottom(row);
  }

  /** Forgets a node of which nothing is left here. */
  #closeIfEmpty(row: number): void {
    const residencies = this.#residencies;
    if (residencies.resident[row]! > 0 || residencies.duplicates[row]! >= 0) return;
    const node = residencies.node[row]!;
    this.#order?.closed(row);
    this.#touches?.closed(row);
    residencies.close(row);
    // A node of the trace is let go by whoever drains its last `removed` event.
    if (this.#forest.isPrivate(node)) this.#forest.release(node);
  }
}
