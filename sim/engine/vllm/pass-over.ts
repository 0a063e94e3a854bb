import type { WorkerState } from './worker-state.ts';

/**
 * The running requests from place `from` to place `to` get no token in the pass that begins: with
 * priorities where one before them had to give way itself, and by a habit of Dynamo 1.6, see
 * `CompatSwitches.passesOver`. Those that decode leave the batch for the time of the pass.
 */
export function passOver(worker: WorkerState, from: number, to: number): void {
  const { sequences } = worker.engine;
  for (let place = from; place <= to && place < worker.running.count; place++) {
    const row = worker.running.rows[place]!;
    worker.passedOver.push(row);
    if (row === worker.prefilling) continue;
    sequences.generated[row] = sequences.target[row]! - worker.batch.left(row);
    const known = worker.known(row);
    sequences.owned[row] = worker.batch.ownedBlocks(row, known - 1);
    worker.batch.remove(row, known);
    leaveBatch(worker, row);
  }
}

/** A request stops decoding when a pass begins: the time of its last token is kept with it. */
export function leaveBatch(worker: WorkerState, row: number): void {
  const { late, engine } = worker;
  const place = late.indexOf(row);
  if (place >= 0) late.removeAt(place);
  else engine.sequences.pausedNs[row] = worker.clock.startNs;
}

/** Those that the pass has passed over are in the batch again, with one long gap to come. */
export function rejoin(worker: WorkerState): void {
  const { passedOver, late } = worker;
  late.clear();
  for (let index = 0; index < passedOver.count; index++) {
    const row = passedOver.rows[index]!;
    if (row === worker.prefilling) continue;
    rejoinOne(worker, row);
    late.push(row);
  }
  passedOver.clear();
}

/** Puts a request that was passed over back, so that it can be preempted like any other. */
export function recall(worker: WorkerState, row: number): boolean {
  const place = worker.passedOver.indexOf(row);
  if (place < 0) return false;
  worker.passedOver.removeAt(place);
  if (row !== worker.prefilling) {
    rejoinOne(worker, row);
    worker.late.push(row);
  }
  return true;
}

function rejoinOne(worker: WorkerState, row: number): void {
  const { target, generated, owned } = worker.engine.sequences;
  worker.batch.add(row, worker.known(row), target[row]! - generated[row]!, owned[row]!);
}
