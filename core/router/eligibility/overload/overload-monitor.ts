import { growColumn } from '#core/base/columns.ts';
import type { BusyThresholds } from './thresholds.ts';

/** What a rank batches at most where nobody has said: a part of it is never exceeded. */
const UNKNOWN_BATCHED_TOKENS = 10_000_000;

/** The size of a rank, which thresholds are a part of. */
export interface RankSize {
  readonly maxNumBatchedTokens?: number;
  /** Unknown = no part of them is ever exceeded. */
  readonly totalKvBlocks?: number;
}

/**
 * Which targets are overloaded, by the last load that was reported of each. A target is one rank of
 * a worker, and a worker is overloaded only when all of its ranks in the fleet are. The decode latch
 * of a rank is set by either count of blocks above the threshold, and cleared only when both have
 * been reported at or below it.
 *
 *     #worker[target]                        its worker, −1 = not in the fleet
 *     #prefill, #decode, #used[target]       last reports, NaN = none yet
 *     #latched[target]                       1 = the decode latch is set
 *     #busy[target]                          1 = the rank is overloaded
 *     #ranks, #busyRanks[worker]             ranks in the fleet, and how many of them are overloaded
 */
export class OverloadMonitor {
  /** Targets in the fleet whose workers are overloaded. */
  count = 0;
  readonly #size: RankSize;
  #thresholds: BusyThresholds;
  #prefillLimit = Infinity;
  #blockLimit = Infinity;
  #worker = new Int32Array(16).fill(-1);
  #prefill = new Float64Array(16);
  #decode = new Float64Array(16);
  #used = new Float64Array(16);
  #latched = new Uint8Array(16);
  #busy = new Uint8Array(16);
  #ranks = new Int32Array(16);
  #busyRanks = new Int32Array(16);

  constructor(thresholds: BusyThresholds, size: RankSize) {
    this.#size = size;
    this.#thresholds = thresholds;
    this.#setLimits();
  }

  /** Whether any threshold is set: without one no load is worth reporting. */
  get isActive(): boolean {
    return this.#prefillLimit < Infinity || this.#blockLimit < Infinity;
  }

  isOverloaded(target: number): boolean {
    if (this.count === 0) return false;
    const worker = this.#worker[target]!;
    return worker >= 0 && this.#busyRanks[worker] === this.#ranks[worker];
  }

  /** A target has joined the fleet, without a load. */
  add(target: number, worker: number): void {
    this.#reserve(target, worker);
    this.#worker[target] = worker;
    this.#prefill[target] = Number.NaN;
    this.#decode[target] = Number.NaN;
    this.#used[target] = Number.NaN;
    this.#latched[target] = 0;
    this.#busy[target] = 0;
    this.#recount(worker, 1, 0);
  }

  /** A target has left the fleet; late reports of it are ignored. */
  remove(target: number): void {
    const worker = this.#worker[target]!;
    this.#worker[target] = -1;
    this.#recount(worker, -1, -this.#busy[target]!);
  }

  /**
   * Takes a report of a target's load, −1 for what it does not say: prompt tokens still to be
   * prefilled, KV blocks of the requests placed there, KV blocks that the engine counts as used.
   */
  report(target: number, prefillTokens: number, decodeBlocks: number, usedBlocks: number): void {
    if (!this.isActive || (this.#worker[target] ?? -1) < 0) return;
    if (prefillTokens >= 0) this.#prefill[target] = prefillTokens;
    if (decodeBlocks >= 0) this.#decode[target] = decodeBlocks;
    if (usedBlocks >= 0) this.#used[target] = usedBlocks;
    this.#judge(target);
  }

  /** Thresholds have been changed while running: every rank is judged again by its last reports. */
  change(thresholds: BusyThresholds): void {
    this.#thresholds = thresholds;
    this.#setLimits();
    for (let target = 0; target < this.#worker.length; target++) {
      if (this.#worker[target]! < 0) continue;
      this.#latched[target] = 0;
      this.#judge(target);
    }
  }

  #setLimits(): void {
    const { activePrefillTokens, activePrefillTokensFrac, activeDecodeBlocks } = this.#thresholds;
    const { maxNumBatchedTokens = UNKNOWN_BATCHED_TOKENS, totalKvBlocks = Infinity } = this.#size;
    const part = Math.floor((activePrefillTokensFrac ?? Infinity) * maxNumBatchedTokens);
    this.#prefillLimit = Math.min(activePrefillTokens ?? Infinity, part);
    this.#blockLimit = (activeDecodeBlocks ?? Infinity) * totalKvBlocks;
  }

  #judge(target: number): void {
    const busy = this.#prefill[target]! > this.#prefillLimit || this.#isLatched(target) ? 1 : 0;
    const before = this.#busy[target]!;
    if (busy === before) return;
    this.#busy[target] = busy;
    this.#recount(this.#worker[target]!, 0, busy - before);
  }

  /** An unknown count compares as neither above nor at or below. */
  #isLatched(target: number): boolean {
    const limit = this.#blockLimit;
    const decode = this.#decode[target]!;
    const used = this.#used[target]!;
    if (decode > limit || used > limit) this.#latched[target] = 1;
    else if (decode <= limit && used <= limit) this.#latched[target] = 0;
    return this.#latched[target] === 1;
  }

  #recount(worker: number, ranks: number, busyRanks: number): void {
    this.count -= this.#overloadedRanks(worker);
    this.#ranks[worker]! += ranks;
    this.#busyRanks[worker]! += busyRanks;
    this.count += this.#overloadedRanks(worker);
  }

  #overloadedRanks(worker: number): number {
    const ranks = this.#ranks[worker]!;
    return this.#busyRanks[worker] === ranks ? ranks : 0;
  }

  #reserve(target: number, worker: number): void {
    const before = this.#worker.length;
    this.#worker = growColumn(this.#worker, target + 1);
    this.#worker.fill(-1, before);
    this.#prefill = growColumn(this.#prefill, target + 1);
    this.#decode = growColumn(this.#decode, target + 1);
    this.#used = growColumn(this.#used, target + 1);
    this.#latched = growColumn(this.#latched, target + 1);
    this.#busy = growColumn(this.#busy, target + 1);
    this.#ranks = growColumn(this.#ranks, worker + 1);
    this.#busyRanks = growColumn(this.#busyRanks, worker + 1);
  }
}
