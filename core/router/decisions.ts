import { growColumn } from '#core/base/columns.ts';

/** What became of a request, as codes of `DecisionLog.outcome`. */
export const ROUTED = 0;
/** No target is allowed, available and has every required taint. */
export const NO_ENDPOINTS = 1;
/** The pinned target is absent or not allowed; a pinned request is never sent elsewhere. */
export const PINNED_WORKER_NOT_ALLOWED = 2;
/** The queue of its policy class is full, see `Router.lastRejection`. */
export const QUEUE_REJECTED = 3;
/** There are targets for the request, and all of them are overloaded. */
export const ALL_WORKERS_OVERLOADED = 4;
/** The pinned target is overloaded. */
export const PINNED_WORKER_OVERLOADED = 5;
/** The policy's own filters have turned every eligible target down. */
export const ALL_WORKERS_FILTERED = 6;
/** In direct mode the request names no target. */
export const NO_TARGET_NAMED = 7;

/** The prompt is to be prefilled in the prefill pool; nothing is booked. */
export const REMOTE_PREFILL = 8;

/** An outcome as reports and HTTP answers name it. */
export interface Outcome {
  readonly name: string;
  /** The status of the answer: 529 asks the client to come back later. */
  readonly httpStatus: number;
}

/** Every outcome by its code. */
export const OUTCOMES: readonly Outcome[] = [
  { name: 'routed', httpStatus: 200 },
  { name: 'no_endpoints', httpStatus: 503 },
  { name: 'pinned_worker_not_allowed', httpStatus: 503 },
  { name: 'queue_rejected', httpStatus: 529 },
  { name: 'all_eligible_workers_overloaded', httpStatus: 529 },
  { name: 'pinned_worker_overloaded', httpStatus: 529 },
  { name: 'all_eligible_workers_filtered', httpStatus: 503 },
  { name: 'no_target_named', httpStatus: 400 },
  { name: 'remote_prefill', httpStatus: 200 },
];

/** How reports name an outcome; a code that is none is told by its number. */
export function outcomeName(code: number): string {
  return OUTCOMES[code]?.name ?? `outcome ${code}`;
}

/**
 * Decisions in the order they were made; the caller reads rows 0…count−1 after each fact and clears
 * the log.
 *
 *     request[row]             the request
 *     target[row]              its target, −1 = none, see outcome
 *     overlapBlocks[row]       leading blocks of the prompt cached on that target
 *     bestOverlapBlocks[row]   the most that any target has cached
 *     queued[row]              1 = it waited in the router's queue
 *     outcome[row]             ROUTED, or why the request is rejected, see OUTCOMES
 *     verdict[row]             why the prompt is prefilled where it is, see VERDICTS; 0 where nobody asked
 */
export class DecisionLog {
  count = 0;
  request = new Int32Array(16);
  target = new Int32Array(16);
  overlapBlocks = new Int32Array(16);
  bestOverlapBlocks = new Int32Array(16);
  queued = new Uint8Array(16);
  outcome = new Uint8Array(16);
  verdict = new Uint8Array(16);

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
    verdict = 0,
  ): void {
    const row = this.count;
    if (row === this.request.length) this.#grow(row + 1);
    this.request[row] = request;
    this.target[row] = target;
    this.overlapBlocks[row] = overlapBlocks;
    this.bestOverlapBlocks[row] = bestOverlapBlocks;
    this.queued[row] = queued;
    this.outcome[row] = outcome;
    this.verdict[row] = verdict;
    this.count = row + 1;
  }

  #grow(rows: number): void {
    this.request = growColumn(this.request, rows);
    this.target = growColumn(this.target, rows);
    this.overlapBlocks = growColumn(this.overlapBlocks, rows);
    this.bestOverlapBlocks = growColumn(this.bestOverlapBlocks, rows);
    this.queued = growColumn(this.queued, rows);
    this.outcome = growColumn(this.outcome, rows);
    this.verdict = growColumn(this.verdict, rows);
  }
}
