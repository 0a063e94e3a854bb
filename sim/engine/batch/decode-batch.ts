import { growColumn } from '#core/base/columns.ts';
import type { DecodeMembers } from './decode-members.ts';

/**
 * The requests of one worker that decode, kept so that a pass costs nothing for each of them.
 *
 * Every member gets one token in every pass, so all that differs is when it ends. Members stand in a
 * heap by the step (decode passes since the worker began) at which their last token comes, and what
 * a member has generated follows from the distance to it. A member needs a new block whenever the
 * tokens it has computed fill its blocks, that is at steps of one residue modulo the block size;
 * `#blockPhase` counts members by that residue. With a token ahead, the tokens that it knows are to
 * fit, the one that the next pass gives it too.
 *
 *     #row[slot]      heap of requests
 *     #endStep[slot]  step at which it is finished
 *     #phase[slot]    residue of the steps at which it takes a block
 */
export class DecodeBatch implements DecodeMembers {
  step = 0;
  size = 0;
  contextTokens = 0;
  readonly extraTokens = 0;
  readonly blockSize: number;
  #row = new Int32Array(16);
  #endStep = new Float64Array(16);
  #phase = new Int32Array(16);
  readonly #blockPhase: Int32Array;
  readonly #tokensAhead: number;

  /** `tokensAhead`: 1 where there must be room for the token that a pass gives, 0 where not. */
  constructor(blockSize: number, tokensAhead = 0) {
    this.blockSize = blockSize;
    this.#tokensAhead = tokensAhead;
    this.#blockPhase = new Int32Array(blockSize);
  }

  /** One for each member. */
  get tokensPerPass(): number {
    return this.size;
  }

  get passesToEnd(): number {
    return this.#endStep[0]! - this.step;
  }

  add(row: number, known: number, left: number): void {
    let slot = this.size++;
    if (slot >= this.#row.length) {
      this.#row = growColumn(this.#row, slot + 1);
      this.#endStep = growColumn(this.#endStep, slot + 1);
      this.#phase = growColumn(this.#phase, slot + 1);
    }
    const endStep = this.step + left;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      if (this.#endStep[above]! <= endStep) break;
      this.#move(above, slot);
      slot = above;
    }
    const phase = modulo(this.step - (known - 1 + this.#tokensAhead), this.blockSize);
    this.#row[slot] = row;
    this.#endStep[slot] = endStep;
    this.#phase[slot] = phase;
    this.#blockPhase[phase]!++;
    this.contextTokens += known;
  }

  advance(passes: number): void {
    this.step += passes;
    this.contextTokens += this.size * passes;
  }

  firstEnded(): number {
    if (this.size === 0 || this.#endStep[0]! > this.step) return -1;
    return this.#row[0]!;
  }

  left(row: number): number {
    return this.#endStep[this.#slotOf(row)]! - this.step;
  }

  rowAt(slot: number): number {
    return this.#row[slot]!;
  }

  leftAt(slot: number): number {
    return this.#endStep[slot]! - this.step;
  }

  blocksFor(row: number): number {
    return this.#phase[this.#slotOf(row)] === this.step % this.blockSize ? 1 : 0;
  }

  took(): void {
    // What a member takes follows from the step.
  }

  tookAll(): void {
    // As above.
  }

  ownedBlocks(_row: number, computed: number): number {
    return Math.ceil(computed / this.blockSize);
  }

  lastFilled(row: number): number {
    const slot = this.#slotOf(row);
    const step = this.#endStep[slot] === this.step ? this.step - 1 : this.step;
    return step - modulo(step - this.#phase[slot]!, this.blockSize);
  }

  remove(row: number, known: number): void {
    const slot = this.#slotOf(row);
    this.#blockPhase[this.#phase[slot]!]!--;
    this.contextTokens -= known;
    const last = --this.size;
    if (slot !== last) this.#replace(slot, last);
  }

  blocksNeeded(passes: number): number {
    const blockSize = this.blockSize;
    const cycles = Math.floor(passes / blockSize);
    const rest = passes - cycles * blockSize;
    const start = this.step % blockSize;
    let blocks = cycles * this.size;
    if (rest === 1) return blocks + this.#blockPhase[start]!;
    for (let slot = 0; slot < this.size; slot++) {
      if (this.#passesToBlock(slot, start) < rest) blocks++;
    }
    return blocks;
  }

  passesWithin(blocks: number, limit: number): number {
    if (this.size * Math.ceil(limit / this.blockSize) <= blocks) return limit;
    const start = this.step % this.blockSize;
    const left = blocks - this.#blockPhase[start]!;
    if (left < 0) return 0;
    if (left === 0) return Math.min(limit, this.#passesToNextBlock(start));
    return this.#passesWithinCycles(blocks, limit);
  }

  /** Passes before the one, after the next, in which a member takes a block. */
  #passesToNextBlock(start: number): number {
    let least = this.blockSize;
    for (let slot = 0; slot < this.size; slot++) {
      const passes = this.#passesToBlock(slot, start);
      if (passes > 0 && passes < least) least = passes;
    }
    return least;
  }

  /** Passes before the one in which the member of a slot takes its next block. */
  #passesToBlock(slot: number, start: number): number {
    const ahead = this.#phase[slot]! - start;
    return ahead < 0 ? ahead + this.blockSize : ahead;
  }

  #passesWithinCycles(blocks: number, limit: number): number {
    const cycles = Math.min(
      Math.floor(limit / this.blockSize),
      this.size === 0 ? 0 : Math.floor(blocks / this.size),
    );
    let passes = cycles * this.blockSize;
    let left = blocks - cycles * this.size;
    let phase = this.step % this.blockSize;
    while (passes < limit) {
      left -= this.#blockPhase[phase]!;
      if (left < 0) break;
      passes++;
      phase = phase + 1 === this.blockSize ? 0 : phase + 1;
    }
    return passes;
  }

  #slotOf(row: number): number {
    const rows = this.#row;
    let slot = 0;
    while (rows[slot] !== row) slot++;
    return slot;
  }

  #move(from: number, to: number): void {
    this.#row[to] = this.#row[from]!;
    this.#endStep[to] = this.#endStep[from]!;
    this.#phase[to] = this.#phase[from]!;
  }

  /** Puts the member of slot `last` into the hole at `slot` and restores the heap around it. */
  #replace(slot: number, last: number): void {
    const row = this.#row[last]!;
    const endStep = this.#endStep[last]!;
    const phase = this.#phase[last]!;
    let hole = slot;
    while (hole > 0 && this.#endStep[(hole - 1) >> 1]! > endStep) {
      this.#move((hole - 1) >> 1, hole);
      hole = (hole - 1) >> 1;
    }
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#endStep[child + 1]! < this.#endStep[child]!) child++;
      if (this.#endStep[child]! >= endStep) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#row[hole] = row;
    this.#endStep[hole] = endStep;
    this.#phase[hole] = phase;
  }
}

function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}
