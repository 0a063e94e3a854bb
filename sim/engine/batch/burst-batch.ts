import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { DecodeMembers } from './decode-members.ts';
import type { DraftDraw } from './draft-draw.ts';

/**
 * The requests of one rank that decode with speculation, in the order in which they joined. Every
 * pass verifies the drafts of each and gives it a burst of one token or more, so members are looked
 * at one by one. Blocks for the longest burst are taken before the pass and kept.
 *
 *     #row[slot]     request
 *     #known[slot]   prompt and output tokens so far
 *     #left[slot]    output tokens to come
 *     #owned[slot]   blocks that it has
 *     #filled[slot]  pass in which its last page was filled
 */
export class BurstBatch implements DecodeMembers {
  step = 0;
  size = 0;
  contextTokens = 0;
  extraTokens = 0;
  readonly #blockSize: number;
  readonly #drafts: DraftDraw;
  readonly #tokensAhead: number;
  #row = new Int32Array(16);
  #known = new Int32Array(16);
  #left = new Int32Array(16);
  #owned = new Int32Array(16);
  #filled = new Float64Array(16);

  /** `tokensAhead`: 1 where there must be room for the last token of a burst, 0 where not. */
  constructor(blockSize: number, drafts: DraftDraw, tokensAhead = 0) {
    this.#blockSize = blockSize;
    this.#drafts = drafts;
    this.#tokensAhead = tokensAhead;
  }

  get tokensPerPass(): number {
    return this.size * (1 + this.#drafts.count);
  }

  get passesToEnd(): number {
    return 1;
  }

  add(row: number, known: number, left: number, owned: number): void {
    const slot = this.size++;
    this.#row = growColumn(this.#row, this.size);
    this.#known = growColumn(this.#known, this.size);
    this.#left = growColumn(this.#left, this.size);
    this.#owned = growColumn(this.#owned, this.size);
    this.#filled = growColumn(this.#filled, this.size);
    this.#row[slot] = row;
    this.#known[slot] = known;
    this.#left[slot] = left;
    this.#owned[slot] = owned;
    this.#filled[slot] = 0;
    this.contextTokens += known;
  }

  advance(passes: number): void {
    assert(passes === 1, 'passes with speculation are taken one by one');
    this.extraTokens = 0;
    this.step++;
    for (let slot = 0; slot < this.size; slot++) {
      const tokens = Math.min(this.#left[slot]!, this.#drafts.nextBurst());
      const before = this.#known[slot]!;
      const ends = tokens === this.#left[slot] ? 1 : 0;
      this.#known[slot] = before + tokens;
      this.#left[slot]! -= tokens;
      if ((before + tokens - ends) % this.#blockSize < tokens - ends)
        this.#filled[slot] = this.step;
      this.contextTokens += tokens;
      this.extraTokens += tokens - 1;
    }
  }

  firstEnded(): number {
    for (let slot = 0; slot < this.size; slot++) {
      if (this.#left[slot] === 0) return this.#row[slot]!;
    }
    return -1;
  }

  left(row: number): number {
    return this.#left[this.#slotOf(row)]!;
  }

  rowAt(slot: number): number {
    return this.#row[slot]!;
  }

  leftAt(slot: number): number {
    return this.#left[slot]!;
  }

  /** Blocks for all drafts of the next pass, as if each were accepted. */
  blocksFor(row: number): number {
    return this.#blocksForSlot(this.#slotOf(row));
  }

  took(row: number): void {
    const slot = this.#slotOf(row);
    this.#owned[slot]! += this.#blocksForSlot(slot);
  }

  tookAll(): void {
    for (let slot = 0; slot < this.size; slot++) this.#owned[slot]! += this.#blocksForSlot(slot);
  }

  ownedBlocks(row: number): number {
    return this.#owned[this.#slotOf(row)]!;
  }

  lastFilled(row: number): number {
    return this.#filled[this.#slotOf(row)]!;
  }

  remove(row: number): void {
    const slot = this.#slotOf(row);
    this.contextTokens -= this.#known[slot]!;
    for (const column of [this.#row, this.#known, this.#left, this.#owned, this.#filled]) {
      column.copyWithin(slot, slot + 1, this.size);
    }
    this.size--;
  }

  blocksNeeded(passes: number): number {
    assert(passes === 1, 'passes with speculation are taken one by one');
    let blocks = 0;
    for (let slot = 0; slot < this.size; slot++) blocks += this.#blocksForSlot(slot);
    return blocks;
  }

  passesWithin(): number {
    return 1;
  }

  #blocksForSlot(slot: number): number {
    const known = this.#known[slot]! + this.#tokensAhead;
    const reserved = known + Math.min(this.#drafts.count, this.#left[slot]! - 1);
    return Math.max(0, Math.ceil(reserved / this.#blockSize) - this.#owned[slot]!);
  }

  #slotOf(row: number): number {
    const slot = this.#row.subarray(0, this.size).indexOf(row);
    assert(slot >= 0, 'the request does not decode');
    return slot;
  }
}
