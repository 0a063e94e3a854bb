import { Leg } from '../rank/leg.ts';
import { admit, loseBlocks } from '../rank/request-life.ts';
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
    if (join(worker, joining.rows[joined]!)) joined++;
    // Where nobody runs, nobody will ever make room: the last of those that have blocks gives way.
    else if (running.count > 0 || joining.count === 1) break;
    else giveWay(worker, joining.rows[joining.count - 1]!);
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

/** A request that has not begun to decode loses what was copied, and computes its prompt here. */
function giveWay(worker: WorkerState, row: number): void {
  const { handoff, engine, waiting, tally } = worker;
  const { sequences, requests } = engine;
  const owned = sequences.owned[row]!;
  handoff.joining.removeAt(handoff.joining.count - 1);
  handoff.apart--;
  worker.reservations?.end(row, owned);
  worker.beforeRelease(row, requests.inputTokens[row]!);
  sequences.leg[row] = Leg.lost;
  loseBlocks(worker, row, owned, requests.inputTokens[row]!);
  waiting.pushFront(row);
  tally.preemptions++;
}
