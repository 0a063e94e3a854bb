import { Leg } from '../rank/leg.ts';
import { loseBlocks } from '../rank/request-life.ts';
import { leaveBatch, recall } from './pass-over.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Allocates blocks for the running request at `index`, preempting others until they are there; the
 * first `scheduled` decoding ones have theirs for this pass. Returns where the request stands
 * afterwards or, when it had to give way itself, the complement of where it stood.
 */
export function makeRoom(
  worker: WorkerState,
  index: number,
  blocks: number,
  scheduled: number,
): number {
  let place = index;
  let served = scheduled;
  while (!worker.allocate(blocks)) {
    const victim = placeOfVictim(worker);
    preempt(worker, worker.running.rows[victim]!, victim, victim < served);
    if (victim < served) served--;
    if (victim === place) return ~place;
    if (victim < place) place--;
  }
  return place;
}

/** Where the running request stands that gives way next. */
function placeOfVictim({ running, order, engine }: WorkerState): number {
  if (engine.settings.victim === 'oldest') return 0;
  let least = running.count - 1;
  if (engine.settings.victim === 'newest') return least;
  for (let place = least - 1; place >= 0; place--) {
    if (order.isBefore(running.rows[least]!, running.rows[place]!)) least = place;
  }
  return least;
}

/** A running request loses its blocks and goes back to the queue, to compute them again. */
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
  worker.beforeRelease(row, sequences.computed[row]!);
  if (sequences.leg[row] === Leg.active) sequences.leg[row] = Leg.lost;
  loseBlocks(worker, row, owned, sequences.computed[row]!);
  worker.running.removeAt(index);
  worker.waiting.pushFront(row);
  worker.tally.preemptions++;
}
