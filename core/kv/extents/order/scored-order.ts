import { growColumn } from '#core/base/columns.ts';
import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { DuplicateTable } from '../duplicate-table.ts';
import type { ResidencyTable } from '../residency-table.ts';
import type { RunList } from '../run-list.ts';
import type { EvictionScore } from './eviction-score.ts';
import { ResidentChildren } from './resident-children.ts';

/**
 * Inactive runs by a score instead of by age. Only runs that nothing follows can go: the deepest of
 * its residency, down to where the deepest resident child hangs, or one of which there is a second
 * copy; and second copies, always.
 *
 *     node    ███████████▒▒▒▒▒▒▒▒▒░░░░      ▒ older run, ░ bottom run
 *                           └ child           only ░ can go, and then ▒ down to the child
 *
 *     #score[run], #sequence[run]   what orders it: least score first, then the older one
 *     #stored[row], #hits[row]      facts of a residency, for the score
 *     #children                     how many leading blocks of a row resident children need
 *     #heap                         runs that can go now
 */
export class ScoredOrder {
  readonly #scoreOf: EvictionScore;
  readonly #forest: PromptForest;
  readonly #residencies: ResidencyTable;
  readonly #runs: RunList;
  readonly #duplicates: DuplicateTable;
  readonly #children: ResidentChildren;
  readonly #heap = new IndexedHeap();
  #score = new Float64Array(16);
  #sequence = new Float64Array(16);
  #stored = new Float64Array(16);
  #hits = new Float64Array(16);
  #runsSeen = 0;
  #extentsSeen = 0;
  #releases = 0;

  constructor(
    score: EvictionScore,
    forest: PromptForest,
    residencies: ResidencyTable,
    runs: RunList,
    duplicates: DuplicateTable,
  ) {
    this.#scoreOf = score;
    this.#forest = forest;
    this.#residencies = residencies;
    this.#runs = runs;
    this.#duplicates = duplicates;
    this.#children = new ResidentChildren(forest, residencies);
  }

  /** The run to evict from now. */
  next(): number {
    return this.#heap.first;
  }

  /** How many leading blocks of a residency must stay because others follow them. */
  anchored(row: number): number {
    return this.#children.anchored(row);
  }

  /** A residency has been opened; what precedes its node is resident. */
  opened(row: number): void {
    this.#stored = growColumn(this.#stored, row + 1);
    this.#hits = growColumn(this.#hits, row + 1);
    this.#stored[row] = this.#extentsSeen++;
    this.#hits[row] = 0;
    const above = this.#children.opened(row);
    if (above >= 0) this.settleBottom(above);
  }

  /** A residency is about to be closed: what precedes its node may go now. */
  closed(row: number): void {
    const above = this.#children.closed(row);
    if (above >= 0) this.settleBottom(above);
  }

  /** What follows a residency's blocks, or the copies that there are of them, have changed. */
  settleBottom(row: number): void {
    let bottom = this.#residencies.topRun[row]!;
    while (bottom >= 0 && this.#runs.deeper[bottom]! >= 0) bottom = this.#runs.deeper[bottom]!;
    if (bottom >= 0) this.settle(bottom);
  }

  /** A request has found blocks of the residency. */
  hit(row: number): void {
    this.#hits[row]!++;
  }

  /** A request begins to let go of its blocks. */
  releasing(): void {
    this.#releases++;
  }

  /** A run has become inactive, and is linked where it belongs. */
  pushed(run: number): void {
    this.#score = growColumn(this.#score, run + 1);
    this.#sequence = growColumn(this.#sequence, run + 1);
    this.#score[run] = this.#ask(run);
    this.#sequence[run] = this.#runsSeen++;
    if (this.#runs.duplicate[run]! >= 0) this.#enter(run);
    else if (this.#runs.deeper[run]! < 0) this.settle(run);
  }

  /** The run is in use again or wholly evicted, and about to be forgotten. */
  gone(run: number): void {
    if (this.#heap.has(run)) this.#heap.remove(run);
  }

  /** Looks anew whether the deepest run of a residency can go. */
  settle(run: number): void {
    const row = this.#runs.residency[run]!;
    const last = this.#runs.to[run]! - 1;
    const canGo = this.anchored(row) <= last || this.#hasSpare(row, last);
    if (canGo === this.#heap.has(run)) return;
    if (canGo) this.#enter(run);
    else this.#heap.remove(run);
  }

  /** Whether a block has a second copy, which takes its place when it goes. */
  #hasSpare(row: number, index: number): boolean {
    const first = this.#residencies.duplicates[row]!;
    return first >= 0 && this.#duplicates.find(first, index) >= 0;
  }

  #enter(run: number): void {
    this.#heap.push(run, this.#score[run]!, this.#sequence[run]!);
  }

  #ask(run: number): number {
    const runs = this.#runs;
    const row = runs.residency[run]!;
    const node = this.#residencies.node[row]!;
    return this.#scoreOf(
      Object.freeze({
        blocks: runs.to[run]! - runs.from[run]!,
        depth: this.#forest.depth(node, runs.to[run]!),
        hits: this.#hits[row]!,
        stored: this.#stored[row]!,
        released: this.#releases,
        generated: this.#forest.isPrivate(node),
      }),
    );
  }
}
