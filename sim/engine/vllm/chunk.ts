import type { WorkerState } from './worker-state.ts';

/** Puts the tokens [before, before + chunk) of a request into this pass. */
export function scheduleChunk(
  worker: WorkerState,
  row: number,
  before: number,
  chunk: number,
): void {
  const { sequences, settings } = worker.engine;
  const after = before + chunk;
  sequences.computed[row] = after;
  const done = after === worker.known(row);
  const prompt = worker.engine.requests.inputTokens[row]!;
  if (before < prompt) {
    worker.tally.prefillTokens += chunk;
    worker.engine.requests.prefilledTokens[row]! += chunk;
  }
  if (sequences.generated[row] === 0 || !settings.freeRecompute) {
    if (chunk > 0) worker.shape.addPrefill(chunk, before);
  } else {
    if (before < prompt && !settings.freePrefill) {
      worker.shape.addPrefill(Math.min(after, prompt) - before, before);
    }
    if (done) {
      worker.recomputed++;
      worker.recomputedContext += after;
    }
  }
  worker.commit(row, after);
  if (!done) worker.prefilling = row;
  else if (worker.prefilling === row) worker.prefilling = -1;
  if (done) worker.completing.push(row);
}
