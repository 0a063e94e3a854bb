import { assert } from '#core/base/assert.ts';
import { RequestStatus } from '../../workload/request-table.ts';
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
  if (worker.pool.allocate(worker.blocksTaken)) {
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

/**
 * Admits waiting requests, first come first served, until one does not fit or no token is left.
 * Those that can never fit, and those that ask for no output and are cached whole, need no token.
 */
function admitWaiting(worker: WorkerState, tokensScheduled: number): void {
  const { settings, sequences } = worker.engine;
  let budget = settings.maxNumBatchedTokens - worker.batch.tokensPerPass - tokensScheduled;
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

/** Admits a request if its blocks fit; returns the tokens that it computes in this pass, −1 if not. */
function admitFirst(worker: WorkerState, row: number, budget: number): number {
  const { settings, requests, sequences } = worker.engine;
  const known = worker.known(row);
  const cap = reusableBlocks(worker, row);
  const hits = cap === 0 ? 0 : worker.pool.match(row, cap);
  const blocks = Math.ceil(known / settings.blockSize) - hits;
  const revived = hits === 0 ? 0 : worker.pool.inactiveAmong(row, hits);
  if (blocks + revived > worker.pool.available) {
    noteHeadWait(worker, row);
    return -1;
  }
  const cached = hits * settings.blockSize;
  const whole = known - cached;
  const mustFit = !settings.chunkedPrefill && known <= settings.maxNumBatchedTokens;
  if (mustFit && whole > budget) return -1;
  const chunk = Math.min(whole, budget);
  if (chunk < whole && chunk <= 0) return -1;
  worker.pool.hold(row, hits);
  const taken = worker.pool.allocate(Math.ceil((cached + chunk) / settings.blockSize) - hits);
  assert(taken, 'admitted a request without room');
  worker.waiting.popFront();
  if (worker.headWaits === row) endHeadWait(worker);
  worker.running.push(row);
  sequences.order[row] = worker.admissions++;
  if (requests.admissions[row]!++ === 0) {
    requests.firstAdmitNs[row] = worker.clock.startNs;
    requests.firstReusedTokens[row] = cached;
    requests.status[row] = RequestStatus.running;
  }
  if (cached > requests.reusedTokens[row]!) requests.reusedTokens[row] = cached;
  if (cached < sequences.held[row]!) requests.lostTokens[row]! += sequences.held[row]! - cached;
  scheduleChunk(worker, row, cached, chunk);
  return chunk;
}

/** Blocks of a request that waits which could be hit, were they all cached. */
export function reusableBlocks(worker: WorkerState, row: number): number {
  const { settings, sequences } = worker.engine;
  if (!settings.prefixCaching) return 0;
  // The last token is computed even when it is cached, if its output is asked for.
  const reusable = worker.known(row) - (sequences.target[row] === 0 ? 0 : 1);
  return Math.floor(reusable / settings.blockSize);
}

/** The head of the queue finds too few blocks for all of its tokens. */
function noteHeadWait(worker: WorkerState, row: number): void {
  const { available } = worker.pool;
  if (worker.headWaits === row) {
    if (available < worker.headFreeBlocks) worker.headFreeBlocks = available;
    return;
  }
  worker.headWaits = row;
  worker.headWaitsFromNs = worker.clock.startNs;
  worker.headFreeBlocks = available;
}

function endHeadWait(worker: WorkerState): void {
  const { headWaits, headWaitsFromNs, headFreeBlocks, clock, engine } = worker;
  engine.headWaits.append(headWaits, headWaitsFromNs, clock.startNs, headFreeBlocks);
  worker.headWaits = -1;
}

/** Puts the tokens [before, before + chunk) of a request into this pass. */
function scheduleChunk(worker: WorkerState, row: number, before: number, chunk: number): void {
  const { sequences, settings } = worker.engine;
  const after = before + chunk;
  sequences.computed[row] = after;
  const done = after === worker.known(row);
  const prompt = worker.engine.requests.inputTokens[row]!;
  if (before < prompt) worker.tally.prefillTokens += chunk;
  if (sequences.generated[row] === 0 || !settings.freeRecompute) {
    if (chunk > 0) worker.shape.addPrefill(chunk, before);
  } else {
    if (before < prompt) worker.shape.addPrefill(Math.min(after, prompt) - before, before);
    if (done) {
      worker.recomputed++;
      worker.recomputedContext += after;
    }
  }
  worker.pool.commit(
    row,
    Math.min(worker.cacheable(after), worker.engine.holders.pathBlocks[row]!),
  );
  if (!done) worker.prefilling = row;
  else if (worker.prefilling === row) worker.prefilling = -1;
  if (done) worker.completing.push(row);
}

/** Whether a request could not be served even by an empty worker. */
export function canNeverFit(worker: WorkerState, row: number): boolean {
  const { requests, sequences, settings } = worker.engine;
  const prompt = requests.inputTokens[row]!;
  const target = sequences.target[row]!;
  if (prompt >= settings.maxModelLen) return true;
  if (!settings.chunkedPrefill && prompt > settings.maxNumBatchedTokens) return true;
  const computed = prompt + Math.max(target - 1, 0);
  return Math.ceil(computed / settings.blockSize) > worker.pool.capacity;
}
