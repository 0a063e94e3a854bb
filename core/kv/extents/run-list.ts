import { growColumn, RowAllocator } from '#core/base/columns.ts';

/**
 * Runs of inactive blocks in the order in which they would be evicted. A run is a range of blocks
 * of one residency that became inactive together.
 *
 *     oldest ⇄ … ⇄ newest            a queue: eviction eats the oldest run from its deepest block
 *
 *     residency[run]   whose blocks they are
 *     from[run], to[run]   blocks [from, to) of the node
 *     duplicate[run]   row of the duplicate copy that the run is, −1 = the visible copies
 *     older, newer     neighbours in the queue, −1 = end
 *     deeper, shallower   neighbours in the same residency, −1 = none
 */
export class RunList {
  oldest = -1;
  newest = -1;
  residency = new Int32Array(16);
  from = new Int32Array(16);
  to = new Int32Array(16);
  duplicate = new Int32Array(16);
  older = new Int32Array(16);
  newer = new Int32Array(16);
  deeper = new Int32Array(16);
  shallower = new Int32Array(16);
  readonly #rows = new RowAllocator();

  /** A run at the newest end of the queue, not yet linked to others of its residency. */
  append(residency: number, from: number, to: number): number {
    const run = this.#rows.take();
    if (run >= this.from.length) this.#grow(run + 1);
    this.residency[run] = residency;
    this.from[run] = from;
    this.to[run] = to;
    this.duplicate[run] = -1;
    this.deeper[run] = -1;
    this.shallower[run] = -1;
    this.older[run] = this.newest;
    this.newer[run] = -1;
    if (this.newest >= 0) this.newer[this.newest] = run;
    else this.oldest = run;
    this.newest = run;
    return run;
  }

  /** Takes a run out of the queue and forgets it. */
  remove(run: number): void {
    const older = this.older[run]!;
    const newer = this.newer[run]!;
    if (older >= 0) this.newer[older] = newer;
    else this.oldest = newer;
    if (newer >= 0) this.older[newer] = older;
    else this.newest = older;
    this.#rows.give(run);
  }

  #grow(rows: number): void {
    this.residency = growColumn(this.residency, rows);
    this.from = growColumn(this.from, rows);
    this.to = growColumn(this.to, rows);
    this.duplicate = growColumn(this.duplicate, rows);
    this.older = growColumn(this.older, rows);
    this.newer = growColumn(this.newer, rows);
    this.deeper = growColumn(this.deeper, rows);
    this.shallower = growColumn(this.shallower, rows);
  }
}
