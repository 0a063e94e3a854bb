import { growColumn } from '#core/base/columns.ts';
import type { PromptBlocks } from './prompt-paths.ts';

/** How far from the age that was drawn an earlier prompt is looked for, in requests each way. */
const REACH = 512;
/** How much the length of an earlier prompt may differ from what was drawn, to be continued. */
const TOLERANCE = 0.15;

/**
 * The prompts so far, to find the one that a new prompt shares its beginning with.
 *
 *     full[index]      its full blocks
 *     sharedBy[index]  the most blocks that a later prompt has of it
 */
export class PromptHistory {
  count = 0;
  #full = new Int32Array(1_024);
  #sharedBy = new Int32Array(1_024);
  readonly #prompts: PromptBlocks[] = [];
  /** By full blocks: prompts that none has continued, in order. */
  readonly #open = new Map<number, number[]>();

  /** Enters the next prompt. */
  add(prompt: PromptBlocks, full: number): void {
    const index = this.count++;
    this.#full = growColumn(this.#full, index + 1);
    this.#sharedBy = growColumn(this.#sharedBy, index + 1);
    this.#full[index] = full;
    this.#prompts.push(prompt);
    const open = this.#open.get(full);
    if (open === undefined) this.#open.set(full, [index]);
    else open.push(index);
  }

  /** The blocks of an earlier prompt. */
  promptAt(index: number): PromptBlocks {
    return this.#prompts[index]!;
  }

  fullBlocks(index: number): number {
    return this.#full[index]!;
  }

  /** A later prompt shares the first `blocks` blocks of an earlier one. */
  share(index: number, blocks: number): void {
    this.#sharedBy[index] = Math.max(this.#sharedBy[index]!, blocks);
    if (blocks < this.#full[index]!) return;
    const open = this.#open.get(this.#full[index]!)!;
    const at = open.indexOf(index);
    if (at >= 0) open.splice(at, 1);
  }

  /** A prompt whose first `blocks` blocks were last used about `age` requests ago; −1 = there is none. */
  findBranch(blocks: number, age: number): number {
    const target = this.count - age;
    for (let off = 0; off <= REACH; off++) {
      if (this.#canBranch(target - off, blocks)) return target - off;
      if (off > 0 && this.#canBranch(target + off, blocks)) return target + off;
    }
    return -1;
  }

  /** A prompt of about `blocks` full blocks, `age` requests ago, which none has continued; −1 = none. */
  findOpen(blocks: number, age: number, most: number): number {
    const reach = Math.max(1, Math.ceil(blocks * TOLERANCE));
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let full = Math.max(1, blocks - reach); full <= Math.min(most, blocks + reach); full++) {
      const open = this.#open.get(full);
      if (open === undefined || open.length === 0) continue;
      const at = nearestIn(open, this.count - age);
      const distance =
        Math.abs(Math.log((this.count - at) / age)) + 2 * Math.abs(Math.log(full / blocks));
      if (distance >= least) continue;
      least = distance;
      best = at;
    }
    return best;
  }

  #canBranch(index: number, blocks: number): boolean {
    if (index < 0 || index >= this.count) return false;
    return this.#full[index]! >= blocks && this.#sharedBy[index]! < blocks;
  }
}

/** The entry of an ascending list that is nearest to a value. */
function nearestIn(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  const above = ascending[low]!;
  const below = ascending[Math.max(0, low - 1)]!;
  return Math.abs(below - value) < Math.abs(above - value) ? below : above;
}
