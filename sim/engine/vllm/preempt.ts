import { Leg } from '../rank/leg.ts';
import { loseBlocks } from '../rank/request-life.ts';
import { leaveBatch, recall } from './pass-over.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Allocates blocks for the running request at `index`, preempting others until they are there.
 * Returns where the request stands afterwards, or −1 when it had to give way itself.
 */
export function makeRoom(worker: WorkerState, row: number, index: number, blocks: number): number {
  let place = index;
  while (!worker.allocate(blocks)) {
    const last = worker.running.count - 1;
    const victimIndex = worker.engine.settings.preemptionMode === 'lifo' ? last : 0;
    const victim = worker.running.rows[victimIndex]!;
    preempt(worker, victim, victimIndex, victimIndex < place);
    if (victim === row) return -1;
    if (victimIndex < place) place--;
  }
  return place;
}

/** A running request loses its blocks and goes to the front of the queue, to compute them again. */
function preempt(worker: WorkerState, row: number, index: number, before: boolean): void {
  const { sequences, requests, settings } = worker.engine;
  const scheduled = !recall(worker, row) && before;
  let owned = Math.ceil(sequences.computed[row]! / settings.blockSize);
  if (row === worker.prefilling) {
    worker.prefilling = -1;
  } else {
    const generated = sequences.target[row]! - worker.batch.left(row);
    const known = requests.inputTokens[row]! + generated;
    if (scheduled) worker.blocksTaken -= worker.batch.blocksFor(row);
    sequences.generated[row] = generated;
    sequences.computed[row] = known - 1;
    owned = worker.batch.ownedBlocks(row, scheduled ? known : known - 1);
    worker.batch.remove(row, known);
    leaveBatch(worker, row);
    const fresh = worker.fresh.indexOf(row);
    if (fresh >= 0) worker.fresh.removeAt(fresh);
  }
  if (worker.ownsFreshPrompt(row)) worker.share(row, sequences.computed[row]!);
  if (sequences.leg[row] === Leg.active) sequences.leg[row] = Leg.lost;
  loseBlocks(worker, row, owned, sequences.computed[row]!);
  worker.running.removeAt(index);
  worker.waiting.pushFront(row);
  worker.tally.preemptions++;
}
