import { ExtentEvent } from './event-log.ts';
import { type ExtentTables, openResidency } from './extent-tables.ts';
import type { InactiveRuns } from './inactive-runs.ts';
import { PathSteps } from './path.ts';

/**
 * Blocks of generated tokens, which can be hit, and are inactive, from the moment at which their
 * request lets go: those on its path that the next prompt holds, and those beyond it, which only the
 * request itself can find.
 */
export class GeneratedBlocks {
  readonly #tables: ExtentTables;
  readonly #inactive: InactiveRuns;
  readonly #steps = new PathSteps();

  constructor(tables: ExtentTables, inactive: InactiveRuns) {
    this.#tables = tables;
    this.#inactive = inactive;
  }

  /** Where touches count: blocks [held, blocks) of the request's path are about to be inserted. */
  inserting(request: number, held: number, blocks: number): void {
    const { touches, forest, holders } = this.#tables;
    if (touches === undefined) return;
    this.#steps.load(forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    touches.inserting(this.#steps, held, blocks);
  }

  /** They become a node below the request's path. */
  keepBeyond(request: number, blocks: number, touched: number): number {
    const { forest, holders, residencies } = this.#tables;
    const leaf = holders.leaf[request]!;
    const node = forest.plantPrivate(leaf, holders.leafBlocks[request]!, blocks);
    const row = openResidency(this.#tables, node);
    residencies.resident[row] = blocks;
    this.#inactive.push(row, 0, blocks, touched);
    return node;
  }

  /**
   * They are blocks [from, to) of the request's path. Returns how many of them an earlier attempt of
   * the same request has left there: the new copies of those are free again.
   */
  keepOnPath(request: number, from: number, to: number, touched: number): number {
    const { forest, holders, residencies, events } = this.#tables;
    const steps = this.#steps;
    steps.load(forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    let freed = 0;
    let before = 0;
    for (let step = 0; step < steps.count && before < to; step++) {
      const node = steps.node[step]!;
      const used = Math.min(to - before, steps.blocks[step]!);
      before += steps.blocks[step]!;
      if (before <= from) continue;
      let row = residencies.find(node);
      if (row < 0) row = openResidency(this.#tables, node);
      const first = Math.max(0, from - before + steps.blocks[step]!);
      const known = Math.min(residencies.resident[row]!, used);
      if (known > first) {
        freed += known - first;
        this.#inactive.revive(row, known);
      }
      if (known === used) continue;
      residencies.resident[row] = used;
      events.push(ExtentEvent.stored, node, used);
    }
    before = holders.pathBlocks[request]!;
    for (let step = steps.count - 1; step >= 0 && before > from; step--) {
      before -= steps.blocks[step]!;
      const used = Math.min(to - before, steps.blocks[step]!);
      if (used > 0) this.#push(steps.node[step]!, Math.max(0, from - before), used, touched);
    }
    return freed;
  }

  /** Blocks [from, to) of a node, as far as nobody holds them, become inactive. */
  #push(node: number, from: number, to: number, touched: number): void {
    const { residencies, runs, touches } = this.#tables;
    const row = residencies.find(node);
    const top = residencies.topRun[row]!;
    // A second copy of the block before is the request's: the first one is inactive already.
    const precedes = top >= 0 && runs.from[top]! < from;
    const first = precedes ? from : residencies.active(row);
    if (first >= to) return;
    if (touches === undefined) {
      this.#inactive.push(row, first, to, touched);
      return;
    }
    touches.touch(row, to, touched);
    this.#inactive.pushByTouch(row, first, to);
  }
}
