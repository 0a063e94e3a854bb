import { admit } from '../rank/request-life.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Requests whose prompt was copied here come in, while there are places. They have all blocks that the
 * pass needs, and no token of the budget is spent: all that they know has been computed.
 */
export function joinActivated(worker: WorkerState): void {
  const { handoff, running, engine } = worker;
  const { joining } = handoff;
  let joined = 0;
  while (joined < joining.count && running.count < engine.settings.maxNumSeqs) {
    if (!join(worker, joining.rows[joined]!)) break;
    joined++;
  }
  joining.removeFirst(joined);
  handoff.apart -= joined;
}

/** False when the drafts of its first pass find no room. */
function join(worker: WorkerState, row: number): boolean {
  const { batch, speculates, engine } = worker;
  const { target, owned } = engine.sequences;
  const known = worker.known(row);
  batch.add(row, known, target[row]!, owned[row]!);
  if (speculates && !takeDraftBlocks(worker, row)) {
    batch.remove(row, known);
    return false;
  }
  admit(worker, row, 0);
  worker.entering.push(row);
  return true;
}

function takeDraftBlocks(worker: WorkerState, row: number): boolean {
  if (!worker.allocate(worker.batch.blocksFor(row))) return false;
  worker.batch.took(row);
  return true;
}
