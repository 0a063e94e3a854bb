import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import { WorkerSample } from '../engine/worker-sample.ts';

/** Samples × targets that are kept; a run that needs more keeps every second sample. */
const MAX_CELLS = 1_000_000;

/** Who can say what each target is at a moment. */
export interface SampledFleet {
  sample(target: number, atNs: Ns, sample: WorkerSample): void;
  /** Bytes that have crossed a link by then; asked only where the timeline has links. */
  linkBytes?(link: number, atNs: Ns): number;
}

/**
 * The state of every target (a worker, or a rank of one) at the end of each step of virtual time. Sample i is the state after all
 * that happens until timeNs[i]; sums (tokens, busy time) are since the run began, so the difference
 * of two samples is what happened between them.
 *
 *     timeNs[i], routerQueue[i]        end of the step; requests in the router's queue
 *     running[i · targets + t], …      the fields of `WorkerSample`
 *     linkBytes[i · links + l]         bytes that have crossed a link
 *
 * When the samples would exceed a million cells every second one is dropped and the step doubles, so
 * a fine step costs neither the memory nor the run.
 */
export class Timeline {
  readonly targets: number;
  /** Links that transfers share, 0 where they do not. */
  readonly links: number;
  /** The step that was asked for. */
  readonly askedNs: Ns;
  stepNs: Ns;
  /** The next moment to be sampled. */
  nextNs: Ns;
  count = 0;
  timeNs = new Float64Array(64);
  routerQueue = new Int32Array(64);
  running = new Int32Array(64);
  waiting = new Int32Array(64);
  kvUsedBlocks = new Int32Array(64);
  kvCachedBlocks = new Int32Array(64);
  prefillTokens = new Float64Array(64);
  outputTokens = new Float64Array(64);
  busyNs = new Float64Array(64);
  linkBytes = new Float64Array(0);
  readonly #maxSamples: number;
  readonly #sample = new WorkerSample();

  constructor(stepNs: Ns, targets: number, maxCells: number = MAX_CELLS, links = 0) {
    assert(stepNs >= 1 && targets >= 1, 'a timeline needs a step and a target');
    this.askedNs = stepNs;
    this.stepNs = stepNs;
    this.nextNs = stepNs;
    this.targets = targets;
    this.links = links;
    this.#maxSamples = Math.max(2, Math.floor(maxCells / (targets + links)));
  }

  /** The step that a moment falls into: after the end of the one before, and not after its own. */
  stepOf(ns: Ns): number {
    const step = Math.ceil(ns / this.stepNs) - 1;
    return Math.min(Math.max(step, 0), this.count - 1);
  }

  /** Samples every step that ends before `nowNs`, when nothing more can happen until then. */
  advance(nowNs: Ns, routerQueue: number, fleet: SampledFleet): void {
    while (this.nextNs < nowNs) {
      this.#take(this.nextNs, routerQueue, fleet);
      if (this.count === this.#maxSamples) this.#coarsen();
      this.nextNs = (this.count + 1) * this.stepNs;
    }
  }

  /** The run ended at `endNs`: the last step ends with it, whole or not. */
  finish(endNs: Ns, routerQueue: number, fleet: SampledFleet): void {
    this.advance(endNs, routerQueue, fleet);
    while (this.count > 0 && this.timeNs[this.count - 1]! >= endNs) this.count--;
    this.#take(endNs, routerQueue, fleet);
  }

  #take(atNs: Ns, routerQueue: number, fleet: SampledFleet): void {
    this.#reserve();
    const row = this.count++;
    this.timeNs[row] = atNs;
    this.routerQueue[row] = routerQueue;
    const sample = this.#sample;
    const first = row * this.targets;
    for (let target = 0; target < this.targets; target++) {
      fleet.sample(target, atNs, sample);
      const cell = first + target;
      this.running[cell] = sample.running;
      this.waiting[cell] = sample.waiting;
      this.kvUsedBlocks[cell] = sample.kvUsedBlocks;
      this.kvCachedBlocks[cell] = sample.kvCachedBlocks;
      this.prefillTokens[cell] = sample.prefillTokens;
      this.outputTokens[cell] = sample.outputTokens;
      this.busyNs[cell] = sample.busyNs;
    }
    for (let link = 0; link < this.links; link++) {
      this.linkBytes[row * this.links + link] = fleet.linkBytes?.(link, atNs) ?? 0;
    }
  }

  /** Keeps the samples at the ends of steps twice as long. */
  #coarsen(): void {
    const { targets, links } = this;
    const kept = this.count >> 1;
    for (let row = 0; row < kept; row++) {
      const from = 2 * row + 1;
      this.timeNs[row] = this.timeNs[from]!;
      this.routerQueue[row] = this.routerQueue[from]!;
      for (const column of this.#cells()) {
        column.copyWithin(row * targets, from * targets, (from + 1) * targets);
      }
      this.linkBytes.copyWithin(row * links, from * links, (from + 1) * links);
    }
    this.count = kept;
    this.stepNs *= 2;
  }

  #cells(): readonly (Int32Array | Float64Array)[] {
    const { running, waiting, kvUsedBlocks, kvCachedBlocks } = this;
    const { prefillTokens, outputTokens, busyNs } = this;
    return [running, waiting, kvUsedBlocks, kvCachedBlocks, prefillTokens, outputTokens, busyNs];
  }

  #reserve(): void {
    const rows = this.count + 1;
    this.timeNs = growColumn(this.timeNs, rows);
    this.routerQueue = growColumn(this.routerQueue, rows);
    this.linkBytes = growColumn(this.linkBytes, rows * this.links);
    const cells = rows * this.targets;
    if (cells <= this.running.length) return;
    this.running = growColumn(this.running, cells);
    this.waiting = growColumn(this.waiting, cells);
    this.kvUsedBlocks = growColumn(this.kvUsedBlocks, cells);
    this.kvCachedBlocks = growColumn(this.kvCachedBlocks, cells);
    this.prefillTokens = growColumn(this.prefillTokens, cells);
    this.outputTokens = growColumn(this.outputTokens, cells);
    this.busyNs = growColumn(this.busyNs, cells);
  }
}
