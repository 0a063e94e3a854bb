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
  scheduleDecodes(worker);
  const waits = worker.prefilling < 0 || worker.passedOver.indexOf(worker.prefilling) >= 0;
  const continued = waits ? 0 : continuePrefill(worker);
  const preempted = worker.tally.preemptions > before;
  if (!preempted) admitWaiting(worker, continued);
  return preempted;
}

/** Every decoding request takes its slot; too few blocks make the latest (or oldest) give way. */
function scheduleDecodes(worker: WorkerState): void {
  const { batch, running } = worker;
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
      const place = makeRoom(worker, row, index, blocks);
      if (place < 0) continue;
      if (worker.engine.settings.passesOver) passOver(worker, place + 1, index);
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
  const place = makeRoom(worker, row, worker.running.indexOf(row), blocks);
  if (place < 0) return 0;
  scheduleChunk(worker, row, before, chunk);
  return chunk;
}
