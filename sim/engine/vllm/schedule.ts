import { admitWaiting } from './admit.ts';
import { scheduleChunk } from './chunk.ts';
import { passOver } from './pass-over.ts';
import { makeRoom } from './preempt.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Puts requests into the pass that begins: decoding ones first, then the prompt that is computed in
 * part, then, unless somebody had to give way, those that wait. Returns whether somebody had to.
 */
export function schedulePass(worker: WorkerState): boolean {
  const before = worker.tally.preemptions;
  worker.holdsPrefills = holdsPrefills(worker);
  scheduleDecodes(worker);
  const continued = continues(worker) ? continuePrefill(worker) : 0;
  const preempted = worker.tally.preemptions > before;
  if (preempted) return true;
  admitWaiting(worker, continued);
  if (!worker.holdsPrefills) worker.saturated = worker.waiting.size > 0;
  return false;
}

/**
 * Whether prompts wait for another pass: this one is not due, somebody decodes meanwhile, and the
 * last one that let prompts in took all that waited.
 */
function holdsPrefills(worker: WorkerState): boolean {
  const { prefillInterval } = worker.engine.settings;
  if (prefillInterval === 1) return false;
  const { batch, clock, saturated } = worker;
  return clock.passesSinceIdle % prefillInterval !== 0 && !saturated && batch.size > 0;
}

/** Whether there is a prompt that an earlier pass began and that this one goes on with. */
function continues({ prefilling, holdsPrefills: holds, passedOver }: WorkerState): boolean {
  return prefilling >= 0 && !holds && passedOver.indexOf(prefilling) < 0;
}

/** Every decoding request takes its slot; too few blocks make others give way. */
function scheduleDecodes(worker: WorkerState): void {
  const { batch, running } = worker;
  const { settings } = worker.engine;
  worker.blocksTaken = batch.blocksNeeded(1);
  if (worker.blocksTaken === 0) return;
  if (worker.allocate(worker.blocksTaken)) {
    batch.tookAll();
    return;
  }
  worker.blocksTaken = 0;
  let index = 0;
  while (index < running.count) {
    const row = running.rows[index]!;
    const blocks = row === worker.prefilling ? 0 : batch.blocksFor(row);
    if (blocks > 0) {
      const place = makeRoom(worker, index, blocks, index);
      if (place < 0) {
        if (settings.victim === 'least') {
          passOver(worker, ~place, running.count - 1);
          return;
        }
        if (!settings.passesOver) index = ~place;
        continue;
      }
      if (settings.passesOver) passOver(worker, place + 1, index);
      else index = place;
      batch.took(row);
      worker.blocksTaken += blocks;
    }
    index++;
  }
}

/** The next chunk of the prompt that an earlier pass began; returns its tokens. */
function continuePrefill(worker: WorkerState): number {
  const row = worker.prefilling;
  const { sequences, settings } = worker.engine;
  const budget = settings.maxNumBatchedTokens - worker.batch.tokensPerPass;
  const before = sequences.computed[row]!;
  const chunk = Math.min(worker.known(row) - before, budget);
  const owned = Math.ceil(before / settings.blockSize);
  const blocks = Math.ceil((before + chunk) / settings.blockSize) - owned;
  const { running } = worker;
  if (makeRoom(worker, running.indexOf(row), blocks, running.count) < 0) return 0;
  scheduleChunk(worker, row, before, chunk);
  return chunk;
}
