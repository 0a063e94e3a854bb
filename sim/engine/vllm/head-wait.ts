import type { WorkerState } from './worker-state.ts';

/** The head of the queue finds too few blocks for all of its tokens. */
export function noteHeadWait(worker: WorkerState, row: number): void {
  const { available } = worker.pool;
  if (worker.headWaits === row) {
    if (available < worker.headFreeBlocks) worker.headFreeBlocks = available;
    return;
  }
  worker.headWaits = row;
  worker.headWaitsFromNs = worker.clock.startNs;
  worker.headFreeBlocks = available;
}

/** It comes in after all. */
export function endHeadWait(worker: WorkerState): void {
  const { headWaits, headWaitsFromNs, headFreeBlocks, clock, engine } = worker;
  engine.headWaits.append(headWaits, headWaitsFromNs, clock.startNs, headFreeBlocks);
  worker.headWaits = -1;
}
