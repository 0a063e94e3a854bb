import { assert } from '#core/base/assert.ts';
import { endHeadWait, noteHeadWait } from '../rank/head-wait.ts';
import { admit } from '../rank/request-life.ts';
import { blocksInTheEnd, cachedBlocks, canNeverFit, fits } from './capacity.ts';
import { scheduleChunk } from './chunk.ts';
import { joinActivated } from './join.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Admits waiting requests in the order of their line until one does not fit or no token is left.
 * Those that can never fit, and those that ask for no output and are cached whole, need no token.
 */
export function admitWaiting(worker: WorkerState, tokensScheduled: number): void {
  const { settings, sequences } = worker.engine;
  let budget = settings.maxNumBatchedTokens - worker.batch.tokensPerPass - tokensScheduled;
  if (worker.handoff.joining.count > 0) joinActivated(worker);
  // Who has lost its blocks waits for those that have been promised some.
  if (worker.handoff.destinations.count > 0) return;
  while (worker.waiting.size > 0 && worker.running.count < settings.maxNumSeqs) {
    const row = worker.waiting.first;
    if (canNeverFit(worker, row)) {
      worker.waiting.popFront();
      worker.rejected.push(row);
      continue;
    }
    if (budget <= 0 && sequences.target[row]! > 0) return;
    const chunk = admitFirst(worker, row, budget);
    if (chunk < 0) return;
    budget -= chunk;
  }
}

/** Admits a request if its blocks fit; returns the tokens that it takes of this pass, −1 if not. */
function admitFirst(worker: WorkerState, row: number, budget: number): number {
  const { settings, sequences } = worker.engine;
  const known = worker.known(row);
  const hits = cachedBlocks(worker, row);
  const cached = hits * settings.blockSize;
  const whole = known - cached;
  // A token or less costs a pass no more than a decoding request does.
  const held = worker.holdsPrefills && whole > 1;
  if (held || !fits(worker, row, hits)) {
    if (!worker.holdsPrefills) noteHeadWait(worker, row);
    sequences.held[row] = Math.max(sequences.held[row]!, cached);
    return -1;
  }
  const mustFit = !settings.chunkedPrefill && known <= settings.maxNumBatchedTokens;
  if (mustFit && whole > budget) return -1;
  const chunk = Math.min(whole, budget);
  if (chunk < whole && chunk <= 0) return -1;
  worker.pool.hold(row, hits);
  const owned = Math.ceil((cached + chunk) / settings.blockSize);
  const taken = worker.pool.allocate(owned - hits);
  assert(taken, 'admitted a request without room');
  worker.reservations?.admit(row, blocksInTheEnd(worker, row), owned);
  worker.waiting.popFront();
  if (worker.headWaits === row) endHeadWait(worker);
  admit(worker, row, cached);
  if (whole === 0 && sequences.target[row]! > 0) return enterDecode(worker, row, known, hits);
  scheduleChunk(worker, row, cached, chunk);
  return chunk;
}

/** A request whose known tokens are all cached decodes in this very pass; returns its one token. */
function enterDecode(worker: WorkerState, row: number, known: number, owned: number): number {
  const { target, generated } = worker.engine.sequences;
  worker.batch.add(row, known, target[row]! - generated[row]!, owned);
  if (generated[row] === 0) worker.entering.push(row);
  else worker.late.push(row);
  if (generated[row] === 1) worker.fresh.push(row);
  return 1;
}
