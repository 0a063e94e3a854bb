import type { Ns } from '#core/base/time.ts';
import { leaveHead, stopRunning, takeOut } from '../rank/give-up.ts';
import { releaseBlocks } from '../rank/request-life.ts';
import type { WorkerState } from './worker-state.ts';

/** Between two passes a request leaves without its end, whether it waits or runs. */
export function dropRequest(worker: WorkerState, row: number, nowNs: Ns): void {
  if (worker.running.indexOf(row) < 0) {
    leaveHead(worker, row, nowNs);
    worker.waiting.remove(row);
    return;
  }
  const computed = stopRunning(worker, row);
  worker.reservations?.end(row, worker.engine.sequences.owned[row]!);
  worker.beforeRelease(row, computed);
  releaseBlocks(worker, row, computed);
  takeOut(worker.fresh, row);
  takeOut(worker.late, row);
}
