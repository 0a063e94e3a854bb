import { passesAhead } from './leap-ahead.ts';
import { schedulePass } from './schedule.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Decides what a rank does in the pass that begins, leaves its shape in `worker.shape`, and returns
 * how many equal passes the rank could take at once.
 */
export function planRank(worker: WorkerState): number {
  const { shape, batch } = worker;
  shape.clear();
  worker.recomputed = 0;
  worker.recomputedContext = 0;
  const preempted = schedulePass(worker);
  shape.decodeRequests = batch.size + worker.recomputed;
  shape.decodeContextTokens = batch.contextTokens + worker.recomputedContext;
  if (worker.engine.settings.burstsFromPrefill) decodeCompleting(worker);
  if (preempted) return 1;
  return isIdle(worker) ? 0 : passesAhead(worker);
}

/** Blocks of requests that do not run can keep all others out. */
function isIdle({ batch, prefilling, completing, rejected }: WorkerState): boolean {
  return batch.size + completing.count + rejected.count === 0 && prefilling < 0;
}

/** Imitates a habit of Dynamo 1.6, see `CompatSwitches.burstsFromPrefill`. */
function decodeCompleting({ shape, completing, engine }: WorkerState): void {
  const { target, computed } = engine.sequences;
  for (let index = 0; index < completing.count; index++) {
    const row = completing.rows[index]!;
    if (target[row] === 0) continue;
    shape.decodeRequests++;
    shape.decodeContextTokens += computed[row]!;
  }
}
