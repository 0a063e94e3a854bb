import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { PathSteps } from '../path.ts';
import type { ResidencyTable } from '../residency-table.ts';
import { RadixEnds } from './radix-ends.ts';
import { ResidentChildren } from './resident-children.ts';
import { TouchLadder } from './touch-ladder.ts';

/**
 * Inactive blocks in the order in which a radix tree would lose its leaves: those touched longest ago
 * first. A lookup and an insertion touch, and only whole nodes of the tree:
 *
 * - a lookup touches all nodes that it matches to their ends; where it ends inside of one, that one
 *   becomes two of the same age;
 * - an insertion touches all that it follows and all that is new, and goes on with the last node if
 *   it is a leaf that nobody else holds, else with a new one.
 *
 * The tree is kept as what tells it from the forest: where its nodes end, and when the blocks that
 * are in use were touched. An insertion that ends inside of a node touches the first part, too, which
 * SGLang's does not before the next one of the same request.
 */
export class TouchOrder {
  readonly #residencies: ResidencyTable;
  readonly #children: ResidentChildren;
  readonly #ends = new RadixEnds();
  readonly #ladder = new TouchLadder();
  /** Set by `#follow`: blocks of the path that lie here, and where the last of them does. */
  #known = 0;
  #row = -1;
  #blocks = 0;

  constructor(forest: PromptForest, residencies: ResidencyTable) {
    this.#residencies = residencies;
    this.#children = new ResidentChildren(forest, residencies);
  }

  /** A residency has been opened; what precedes its node is resident. */
  opened(row: number): void {
    this.#ends.open(row);
    this.#ladder.open(row);
    this.#children.opened(row);
  }

  /** A residency is about to be closed. */
  closed(row: number): void {
    this.#children.closed(row);
  }

  /** A lookup finds the first `blocks` blocks of a path; how many of them does it touch? */
  matched(steps: PathSteps, blocks: number): number {
    if (blocks === 0) return 0;
    this.#follow(steps, blocks);
    const row = this.#row;
    if (this.#isLeaf() || this.#ends.has(row, this.#blocks)) return blocks;
    const touched = this.#lastEnd(steps, blocks);
    this.#ends.add(row, this.#blocks);
    return touched;
  }

  /** Blocks [held, blocks) of a path, whose first `held` the request holds, are about to be inserted. */
  inserting(steps: PathSteps, held: number, blocks: number): void {
    this.#follow(steps, blocks);
    const known = this.#known;
    if (known === 0) return;
    const residencies = this.#residencies;
    const row = this.#row;
    const end = this.#blocks;
    const leaf = this.#isLeaf();
    // Ends beyond what lies here are those of blocks that were evicted since.
    if (residencies.resident[row] === end && known < blocks) this.#ends.clearFrom(row, end + 1);
    if (!leaf) {
      this.#ends.add(row, end);
    } else if (known < blocks) {
      const others =
        known > held ? residencies.active(row) >= end : residencies.holders(row, end) > 1;
      if (others) this.#ends.add(row, end);
      else this.#ends.clearFrom(row, end);
    }
  }

  /** The first `blocks` blocks of a residency are in use and were touched then. */
  touch(row: number, blocks: number, time: number): void {
    if (blocks > 0 && time > 0) this.#ladder.touch(row, blocks, time);
  }

  /** When the last of the first `blocks` blocks, in use until now, was touched. */
  timeOf(row: number, blocks: number): number {
    return this.#ladder.timeOf(row, blocks);
  }

  /** How many of the first `blocks` blocks, in use until now, were touched later than the last one. */
  laterWithin(row: number, blocks: number): number {
    return this.#ladder.laterWithin(row, blocks);
  }

  /** Only the first `blocks` blocks of a residency are still in use. */
  cut(row: number, blocks: number): void {
    this.#ladder.cut(row, blocks);
  }

  /** Whether nothing follows the block that `#follow` has ended at. */
  #isLeaf(): boolean {
    const row = this.#row;
    const end = this.#blocks;
    return this.#residencies.resident[row] === end && this.#children.anchored(row) < end;
  }

  #follow(steps: PathSteps, blocks: number): void {
    const residencies = this.#residencies;
    this.#known = 0;
    for (let step = 0, before = 0; step < steps.count && before < blocks; step++) {
      const wanted = Math.min(steps.blocks[step]!, blocks - before);
      if (wanted === 0) continue;
      const row = residencies.find(steps.node[step]!);
      const here = row < 0 ? 0 : Math.min(wanted, residencies.resident[row]!);
      if (here === 0) return;
      this.#row = row;
      this.#blocks = here;
      this.#known = before + here;
      if (here < wanted) return;
      before += here;
    }
  }

  /** The deepest end of a node within the first `blocks` blocks of a path. */
  #lastEnd(steps: PathSteps, blocks: number): number {
    let last = 0;
    for (let step = 0, before = 0; step < steps.count && before < blocks; step++) {
      const used = Math.min(steps.blocks[step]!, blocks - before);
      if (used === 0) continue;
      const end = this.#ends.lastWithin(this.#residencies.find(steps.node[step]!), used);
      if (end > 0) last = before + end;
      before += used;
    }
    return last;
  }
}
