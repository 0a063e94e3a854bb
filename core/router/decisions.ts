import { growColumn } from '#core/base/columns.ts';

/** What became of a request, as codes of `DecisionLog.outcome`. */
export const ROUTED = 0;
/** There is no target at all. */
export const NO_ENDPOINTS = 1;
/** The request is pinned to a target that is not there; it is never sent elsewhere. */
export const PINNED_TARGET_ABSENT = 2;
/** The queue of its policy class is full, see `Router.lastRejection`. */
export const QUEUE_REJECTED = 3;

/**
 * Decisions in the order they were made; the caller reads rows 0…count−1 after each fact and clears
 * the log.
 *
 *     request[row]             the request
 *     target[row]              its target, −1 = none, see outcome
 *     overlapBlocks[row]       leading blocks of the prompt cached on that target
 *     bestOverlapBlocks[row]   the most that any target has cached
 *     queued[row]              1 = it waited in the router's queue
 *     outcome[row]             ROUTED, or why the request is rejected
 */
export class DecisionLog {
  count = 0;
  request = new Int32Array(16);
  target = new Int32Array(16);
  overlapBlocks = new Int32Array(16);
  bestOverlapBlocks = new Int32Array(16);
  queued = new Uint8Array(16);
  outcome = new Uint8Array(16);

  clear(): void {
    this.count = 0;
  }

  /** Appends a decision. */
  append(
    request: number,
    target: number,
    overlapBlocks: number,
    bestOverlapBlocks: number,
    queued: number,
    outcome: number,
  ): void {
    const row = this.count;
    if (row === this.request.length) this.#grow(row + 1);
    this.request[row] = request;
    this.target[row] = target;
    this.overlapBlocks[row] = overlapBlocks;
    this.bestOverlapBlocks[row] = bestOverlapBlocks;
    this.queued[row] = queued;
    this.outcome[row] = outcome;
    this.count = row + 1;
  }

  #grow(rows: number): void {
    this.request = growColumn(this.request, rows);
    this.target = growColumn(this.target, rows);
    this.overlapBlocks = growColumn(this.overlapBlocks, rows);
    this.bestOverlapBlocks = growColumn(this.bestOverlapBlocks, rows);
    this.queued = growColumn(this.queued, rows);
    this.outcome = growColumn(this.outcome, rows);
  }
}
