import { assert } from '#core/base/assert.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { LengthCounts } from '../length-counts.ts';
import type { ResidencyTable } from '../residency-table.ts';

/**
 * How many leading blocks of a residency must stay because the blocks of other nodes, which hang at
 * them, lie here too.
 *
 *     node    ████████████████░░░░
 *                        └ child      16 blocks have to stay, the last 4 need not
 */
export class ResidentChildren {
  readonly #forest: PromptForest;
  readonly #residencies: ResidencyTable;
  readonly #anchors = new LengthCounts();

  constructor(forest: PromptForest, residencies: ResidencyTable) {
    this.#forest = forest;
    this.#residencies = residencies;
  }

  /** Leading blocks up to where the deepest resident child hangs; 0 = it has none. */
  anchored(row: number): number {
    return this.#anchors.longest(row);
  }

  /** A residency has been opened; returns the one that its node hangs at, −1 for a root. */
  opened(row: number): number {
    this.#anchors.reserve(row + 1);
    const above = this.#above(row);
    if (above >= 0) this.#anchors.add(above, this.#attachment);
    return above;
  }

  /** A residency is about to be closed; returns the one that its node hangs at, −1 for a root. */
  closed(row: number): number {
    const above = this.#above(row);
    if (above >= 0) this.#anchors.remove(above, this.#attachment);
    return above;
  }

  /** Blocks of the residency found last by `#above` that precede the node asked about. */
  #attachment = 0;

  #above(row: number): number {
    const { parent, attach } = this.#forest;
    let node = this.#residencies.node[row]!;
    while (node >= 0 && attach[node] === 0) node = parent[node]!;
    if (node < 0 || parent[node]! < 0) return -1;
    this.#attachment = attach[node]!;
    const above = this.#residencies.find(parent[node]!);
    assert(above >= 0, 'blocks lie here without those before them');
    return above;
  }
}
