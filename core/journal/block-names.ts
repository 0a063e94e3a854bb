import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { FactValues } from './fact-values.ts';
import type { JournalForest } from './journal-forest.ts';

/** Numbers of a node's line before its content. */
const NODE_NUMBERS = 4;

/**
 * Gives the prompts of a journal names unit by unit, as a trace has them: two prompts have the same
 * name at a place exactly if they share content up to there. A node that was forgotten and told
 * again has its old names, by its content ids; units whose content nobody has named, and what comes
 * after a prompt's last whole block, get names of their own.
 *
 *     #content[node]   names of the units that the node touches
 */
export class BlockNames {
  /** The names of the last prompt: names[0 … count). */
  names = new Uint32Array(64);
  count = 0;
  /** Names given so far. */
  given = 0;
  readonly #forest: JournalForest;
  readonly #unitBlocks: number;
  readonly #unitTokens: number;
  readonly #known = new PairMap();
  readonly #content: Uint32Array[] = [];

  /** @param blockSize tokens of a block. */
  constructor(forest: JournalForest, blockSize: number, unitBlocks: number) {
    this.#forest = forest;
    this.#unitBlocks = unitBlocks;
    this.#unitTokens = blockSize * unitBlocks;
  }

  /** Takes a node's line; false when its content does not fit its length. */
  tell({ numbers, count }: FactValues): boolean {
    const node = numbers[0]!;
    const names = new Uint32Array(this.#unitsOf(node));
    let unit = 0;
    let id = -1;
    for (let index = NODE_NUMBERS; index < count; index++) {
      const value = numbers[index]!;
      const more = value < 0 ? -value : 1;
      if (unit + more > names.length || value > 0xffff_ffff || (value < 0 && id < 0)) return false;
      if (value >= 0) id = value - 1;
      for (let step = 0; step < more; step++) names[unit++] = this.#nameOf(++id);
    }
    if (unit > 0 && unit < names.length) return false;
    for (; unit < names.length; unit++) names[unit] = this.given++;
    this.#content[node] = names;
    return true;
  }

  /** Names a prompt, to its last token. */
  name({ leaf, leafBlocks, totalBlocks, inputTokens }: Readonly<RouteQuery>): void {
    const { start, attach, parent } = this.#forest;
    const unitBlocks = this.#unitBlocks;
    const known = Math.ceil((leaf < 0 ? 0 : totalBlocks) / unitBlocks);
    this.count = Math.max(known, Math.ceil(inputTokens / this.#unitTokens));
    this.names = growColumn(this.names, this.count);
    let used = leafBlocks;
    for (let node = leaf; node >= 0; node = parent[node]!) {
      const first = Math.floor(start[node]! / unitBlocks);
      const end = Math.ceil((start[node]! + used) / unitBlocks);
      const content = this.#content[node]!;
      for (let unit = first; unit < end; unit++) this.names[unit] = content[unit - first]!;
      used = attach[node]!;
    }
    for (let unit = known; unit < this.count; unit++) this.names[unit] = this.given++;
  }

  #unitsOf(node: number): number {
    const { start, length } = this.#forest;
    const first = Math.floor(start[node]! / this.#unitBlocks);
    return Math.ceil((start[node]! + length[node]!) / this.#unitBlocks) - first;
  }

  #nameOf(id: number): number {
    const known = this.#known.get(0, id);
    if (known >= 0) return known;
    this.#known.set(0, id, this.given);
    return this.given++;
  }
}
