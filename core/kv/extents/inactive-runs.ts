import type { DuplicateTable } from './duplicate-table.ts';
import type { ExtentTables } from './extent-tables.ts';
import type { ScoredOrder } from './order/scored-order.ts';
import type { TouchOrder } from './order/touch-order.ts';
import type { ResidencyTable } from './residency-table.ts';
import type { RunList } from './run-list.ts';

/** Blocks that can be hit and are in nobody's use, as runs: how they become that, and stop being it. */
export class InactiveRuns {
  /** Blocks in all runs. Whoever evicts takes them off. */
  blocks = 0;
  readonly #residencies: ResidencyTable;
  readonly #runs: RunList;
  readonly #duplicates: DuplicateTable;
  readonly #order: ScoredOrder | undefined;
  readonly #touches: TouchOrder | undefined;

  constructor({ residencies, runs, duplicates, order, touches }: ExtentTables) {
    this.#residencies = residencies;
    this.#runs = runs;
    this.#duplicates = duplicates;
    this.#order = order;
    this.#touches = touches;
  }

  /** Blocks [from, to) of a residency become inactive, as the newest run or, by touch, as old as that. */
  push(row: number, from: number, to: number, touched: number): void {
    const runs = this.#runs;
    const byTouch = this.#touches !== undefined;
    const run = byTouch ? runs.insert(row, from, to, touched) : runs.append(row, from, to);
    const top = this.#residencies.topRun[row]!;
    runs.deeper[run] = top;
    if (top >= 0) runs.shallower[top] = run;
    this.#residencies.topRun[row] = run;
    this.#order?.pushed(run);
    this.blocks += to - from;
  }

  /**
   * Blocks [from, to) of a residency become inactive, a run for each time at which they were touched;
   * where touches count.
   */
  pushByTouch(row: number, from: number, to: number): void {
    const touches = this.#touches!;
    let end = to;
    while (end > from) {
      const later = Math.max(from, touches.laterWithin(row, end));
      this.push(row, later, end, touches.timeOf(row, end));
      end = later;
    }
    if (to > from) touches.cut(row, from);
  }

  /** A second copy of a block becomes inactive. */
  pushDuplicate(duplicate: number): void {
    const duplicates = this.#duplicates;
    const index = duplicates.index[duplicate]!;
    const run = this.#runs.append(duplicates.residency[duplicate]!, index, index + 1);
    this.#runs.duplicate[run] = duplicate;
    duplicates.run[duplicate] = run;
    duplicates.holder[duplicate] = -1;
    this.#order?.pushed(run);
    this.blocks++;
  }

  /** The inactive blocks among the first `blocks` of a residency are in use again. */
  revive(row: number, blocks: number): void {
    const runs = this.#runs;
    let run = this.#residencies.topRun[row]!;
    while (run >= 0 && runs.from[run]! < blocks) {
      const to = runs.to[run]!;
      this.#touches?.touch(row, Math.min(blocks, to), runs.age[run]!);
      this.blocks -= Math.min(blocks, to) - runs.from[run]!;
      if (to > blocks) {
        runs.from[run] = blocks;
        break;
      }
      const deeper = runs.deeper[run]!;
      this.#order?.gone(run);
      runs.remove(run);
      if (deeper >= 0) runs.shallower[deeper] = -1;
      run = deeper;
    }
    this.#residencies.topRun[row] = run;
  }
}
