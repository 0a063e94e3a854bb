import { growColumn, RowAllocator } from '#core/base/columns.ts';

/**
 * Runs of inactive blocks in the order in which they would be evicted. A run is a range of blocks
 * of one residency that became inactive together.
 *
 *     oldest ⇄ … ⇄ newest            a queue: eviction eats the oldest run from its deepest block
 *
 *     residency[run]   whose blocks they are
 *     from[run], to[run]   blocks [from, to) of the node
 *     age[run]         what orders runs that are not appended: the least goes first
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
  age = new Float64Array(16);
  duplicate = new Int32Array(16);
  older = new Int32Array(16);
  newer = new Int32Array(16);
  deeper = new Int32Array(16);
  shallower = new Int32Array(16);
  readonly #rows = new RowAllocator();

  /** A run at the newest end of the queue, not yet linked to others of its residency. */
  append(residency: number, from: number, to: number): number {
    return this.#link(residency, from, to, this.newest);
  }

  /** The same, but before all runs of a greater age; for lists of which every run is inserted. */
  insert(residency: number, from: number, to: number, age: number): number {
    let older = this.newest;
    while (older >= 0 && this.age[older]! > age) older = this.older[older]!;
    const run = this.#link(residency, from, to, older);
    this.age[run] = age;
    return run;
  }

  /** A run right behind `older` in the queue, −1 = its beginning. */
  #link(residency: number, from: number, to: number, older: number): number {
    const run = this.#rows.take();
    if (run >= this.from.length) this.#grow(run + 1);
    this.residency[run] = residency;
    this.from[run] = from;
    this.to[run] = to;
    this.duplicate[run] = -1;
    this.deeper[run] = -1;
    this.shallower[run] = -1;
    const newer = older >= 0 ? this.newer[older]! : this.oldest;
    this.older[run] = older;
    this.newer[run] = newer;
    if (older >= 0) this.newer[older] = run;
    else this.oldest = run;
    if (newer >= 0) this.older[newer] = run;
    else this.newest = run;
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
    this.age = growColumn(this.age, rows);
    this.duplicate = growColumn(this.duplicate, rows);
    this.older = growColumn(this.older, rows);
    this.newer = growColumn(this.newer, rows);
    this.deeper = growColumn(this.deeper, rows);
    this.shallower = growColumn(this.shallower, rows);
  }
}
