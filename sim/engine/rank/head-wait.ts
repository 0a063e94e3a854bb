import type { RankState } from './rank-state.ts';

/** The head of the queue finds too few blocks for all of its tokens. */
export function noteHeadWait(worker: RankState, row: number): void {
  const { available } = worker.pool;
  worker.headSeenNs = worker.clock.startNs;
  if (worker.headWaits === row) {
    if (available < worker.headFreeBlocks) worker.headFreeBlocks = available;
    return;
  }
  worker.headWaits = row;
  worker.headWaitsFromNs = worker.clock.startNs;
  worker.headFreeBlocks = available;
}

/** The last pass of a leap, whose first has seen the head wait, finds `available` blocks. */
export function noteWaitInLeap(worker: RankState, available: number): void {
  if (worker.headWaits < 0 || worker.headSeenNs !== worker.clock.startNs) return;
  if (available < worker.headFreeBlocks) worker.headFreeBlocks = available;
}

/** It comes in after all. */
export function endHeadWait(worker: RankState): void {
  const { headWaits, headWaitsFromNs, headFreeBlocks, clock, engine } = worker;
  engine.headWaits.append(headWaits, headWaitsFromNs, clock.startNs, headFreeBlocks);
  worker.headWaits = -1;
}
